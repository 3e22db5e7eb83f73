#include "movies.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "callosum/core/error.h"
#include "callosum/data/images.h"

namespace callosum::experiment {
namespace {

constexpr double pi = std::numbers::pi;
constexpr std::int64_t margin = 8;  ///< pixels about a window in which it is tapered

/// Frequencies of a discrete Fourier transform, cycles a pixel, [n].
at::Tensor frequencies(std::int64_t n) {
  const at::Tensor k = at::arange(n).to(at::kDouble);
  return at::where(k.le(static_cast<double>(n / 2)), k, k - static_cast<double>(n)) /
         static_cast<double>(n);
}

struct Spectrum {
  at::Tensor real, imaginary;
};

/// cos and sin of 2 pi j k / n, [n, n].
Spectrum waves(std::int64_t n) {
  const at::Tensor k = at::arange(n).to(at::kDouble);
  const at::Tensor phase = at::outer(k, k).remainder(static_cast<double>(n)) * (2 * pi / double(n));
  return {phase.cos(), phase.sin()};
}

/// image filtered by a real, even gain at each pair of frequencies [n, n]: the two-dimensional
/// Fourier transform, its product and the way back, as products of matrices.
at::Tensor filtered(const at::Tensor& image, const at::Tensor& gain) {
  const Spectrum w = waves(image.size(0));
  const at::Tensor x = image.to(at::kDouble);
  const auto forward = [&](const at::Tensor& re, const at::Tensor& im, double sign) {
    // (C - i s S) (re + i im) (C - i s S)
    const auto left = [&](const at::Tensor& a, const at::Tensor& b) {
      return Spectrum{w.real.mm(a) + sign * w.imaginary.mm(b),
                      w.real.mm(b) - sign * w.imaginary.mm(a)};
    };
    const Spectrum once = left(re, im);
    const Spectrum twice = left(once.real.t(), once.imaginary.t());
    return Spectrum{twice.real.t(), twice.imaginary.t()};
  };
  const Spectrum s = forward(x, at::zeros_like(x), 1);
  return forward(s.real * gain, s.imaginary * gain, -1).real / static_cast<double>(x.numel());
}

at::Tensor radial(std::int64_t n) {
  const at::Tensor f = frequencies(n);
  return (f.square().unsqueeze(1) + f.square().unsqueeze(0)).sqrt();
}

at::Tensor whitening(const at::Tensor& f) { return f / (1 + (f / 0.2).pow(4)); }

at::Tensor inside(const at::Tensor& image) {
  const std::int64_t n = image.size(0);
  return image.slice(0, margin, n - margin).slice(1, margin, n - margin).contiguous();
}

/// Fourier interpolation as a matrix: row i of [count, to, n] is the signal at offset + i, n even.
at::Tensor interpolation(const at::Tensor& offsets, std::int64_t to, std::int64_t n) {
  const at::Tensor at_x =
      offsets.view({-1, 1, 1}) + at::arange(to).to(at::kDouble).view({1, -1, 1});
  at::Tensor d = pi * (at_x - at::arange(n).to(at::kDouble));
  d = at::where(d.abs().lt(1e-9), at::full_like(d, 1e-9), d);
  return d.sin() / (double(n) * (d / double(n)).tan());
}

/// 1 in the middle, down to 0 over the margins.
at::Tensor taper(std::int64_t n) {
  const at::Tensor from_border = at::minimum(at::arange(n), n - 1 - at::arange(n)).to(at::kDouble);
  return 0.5 - 0.5 * (pi * ((from_border + 0.5) / double(margin)).clamp_max(1)).cos();
}

struct Path {
  at::Tensor row, column;  ///< [T + 1], double
  at::Tensor labels, since;
};

Path path(const std::vector<std::int64_t>& motion, const Motions& motions) {
  const auto steps = static_cast<std::int64_t>(motion.size());
  Path p{at::zeros({steps + 1}, at::kDouble), at::zeros({steps + 1}, at::kDouble),
         at::zeros({steps}, at::kLong), at::zeros({steps}, at::kLong)};
  auto row = p.row.accessor<double, 1>(), column = p.column.accessor<double, 1>();
  auto label = p.labels.accessor<std::int64_t, 1>(), since = p.since.accessor<std::int64_t, 1>();
  for (std::int64_t t = 0; t < steps; ++t) {
    const std::int64_t now = motion[static_cast<std::size_t>(t)];
    const auto [down, right] = motions.velocity(now);
    row[t + 1] = row[t] + down;
    column[t + 1] = column[t] + right;
    label[t] = now;
    since[t] = t > 0 && label[t - 1] == now ? since[t - 1] + 1 : 0;
  }
  return p;
}

/// The window of `side` pixels at each point of the path, [T + 1, side, side].
at::Tensor windows(const at::Tensor& texture, at::Tensor row, at::Tensor column, std::int64_t side,
                   nets::Draws& draws) {
  const std::int64_t n = side + 2 * margin;
  const auto placed = [&](at::Tensor& x, std::int64_t size) {
    const double room = double(size - n - 1) - (x.max() - x.min()).item<double>();
    if (!(room > 0))
      throw ValueError({.where = "movie",
                        .what = "the texture is too small for the path",
                        .got = std::to_string(size) + " pixels"});
    x = x - x.min() + room * draws.stream().uniform();
  };
  placed(row, texture.size(0));
  placed(column, texture.size(1));
  const at::Tensor whole_row = row.floor().to(at::kLong),
                   whole_column = column.floor().to(at::kLong);
  const auto r = whole_row.accessor<std::int64_t, 1>(),
             c = whole_column.accessor<std::int64_t, 1>();
  std::vector<at::Tensor> patches;
  for (std::int64_t t = 0; t < row.size(0); ++t)
    patches.push_back(texture.slice(0, r[t], r[t] + n).slice(1, c[t], c[t] + n));
  const at::Tensor soft = taper(n);
  const at::Tensor patch = (at::stack(patches) * soft.unsqueeze(1) * soft).to(at::kFloat);
  const at::Tensor down = interpolation(row - whole_row + double(margin), side, n).to(at::kFloat);
  const at::Tensor across =
      interpolation(column - whole_column + double(margin), side, n).to(at::kFloat);
  return at::bmm(at::bmm(down, patch), across.transpose(1, 2));
}

Movie filmed(const at::Tensor& texture, const Path& p, const MovieOptions& options,
             nets::Draws& draws) {
  at::Tensor frames = windows(texture, p.row, p.column, options.side, draws);
  frames = frames - frames.mean();
  const double largest = frames.abs().max().item<double>();
  if (!(largest > 0))
    throw NumericalError({.where = "movie", .what = "no contrast", .got = "a blank texture"});
  frames =
      (frames / largest + draws.normal(frames.sizes(), 0, options.noise, at::kFloat)).clamp(-1, 1);
  return {events_of(frames, options.threshold), p.labels, p.since};
}

}  // namespace

std::int64_t Motions::classes() const {
  return directions * static_cast<std::int64_t>(speeds.size());
}

std::pair<double, double> Motions::velocity(std::int64_t motion) const {
  const std::int64_t ring = motion / directions;
  const double half = ring % 2 == 1 ? 0.5 : 0;
  const double angle = 2 * pi * (double(motion % directions) + half) / double(directions);
  const double v = speeds[static_cast<std::size_t>(ring)];
  return {-v * std::cos(angle), -v * std::sin(angle)};
}

at::Tensor whitened(const at::Tensor& image) {
  return inside(filtered(image - image.mean(), whitening(radial(image.size(0)))));
}

Textures noise_textures(std::int64_t count, std::int64_t side, nets::Draws& draws) {
  Textures all;
  const std::int64_t n = side + 2 * margin;
  const at::Tensor f = radial(n);
  const at::Tensor gain = whitening(f) / f.clamp_min(1.0 / static_cast<double>(n));
  for (std::int64_t k = 0; k < count; ++k)
    all.push_back(inside(filtered(draws.normal({n, n}), gain)));
  return all;
}

Photographs photographs() {
  const data::ImageSet set = data::load_images("photographs");
  const auto read = [](const data::Images& images) {
    Textures all;
    for (std::size_t k = 0; k < images.size(); ++k) {
      const auto pixels = images.image(k);
      at::Tensor x = at::empty({std::int64_t(images.rows), std::int64_t(images.cols)}, at::kDouble);
      std::copy(pixels.begin(), pixels.end(), x.data_ptr<double>());
      all.push_back(whitened(x));
    }
    return all;
  };
  return {read(set.train), read(set.test)};
}

at::Tensor motion_cloud(std::int64_t side, double angle, double bandwidth, nets::Draws& draws) {
  const std::int64_t n = side + 2 * margin;
  const at::Tensor f = frequencies(n), r = radial(n).clamp_min(0.5 / static_cast<double>(n));
  // A log-Gabor band in frequency and a normal one in orientation, which has no sign.
  const at::Tensor band = (-0.5 * ((r / 0.12).log() / 0.4).square()).exp() / r;
  at::Tensor gain = band;
  if (bandwidth < pi) {
    const at::Tensor along =
        at::atan2(f.unsqueeze(0).expand({n, n}), f.unsqueeze(1).expand({n, n}));
    const at::Tensor off = (along - angle).sin().asin();
    gain = band * (-0.5 * (off / bandwidth).square()).exp();
  }
  return inside(filtered(draws.normal({n, n}), gain));
}

Movie movie(const Textures& textures, const Motions& motions, const MovieOptions& options,
            nets::Draws& draws) {
  const at::Tensor texture = textures.at(
      static_cast<std::size_t>(draws.stream().below(static_cast<std::uint32_t>(textures.size()))));
  std::vector<std::int64_t> motion;
  for (std::int64_t t = 0; t < options.steps; ++t) {
    const bool fresh = t == 0 || draws.stream().uniform() < options.switches;
    motion.push_back(fresh ? std::int64_t(draws.stream().below(std::uint32_t(motions.classes())))
                           : motion.back());
  }
  return filmed(texture, path(motion, motions), options, draws);
}

Movie steady_movie(const at::Tensor& texture, std::int64_t motion, const Motions& motions,
                   const MovieOptions& options, nets::Draws& draws) {
  const std::vector<std::int64_t> same(static_cast<std::size_t>(options.steps), motion);
  return filmed(texture, path(same, motions), options, draws);
}

at::Tensor events_of(const at::Tensor& frames, double threshold) {
  const at::Tensor moves = frames.slice(0, 1) - frames.slice(0, 0, -1);
  const double theta = threshold * moves.std().item<double>();
  if (!(theta > 0))
    throw NumericalError(
        {.where = "events", .what = "no temporal contrast", .got = "a still movie"});
  std::vector<at::Tensor> signs;
  at::Tensor s = at::zeros_like(moves[0]);
  for (std::int64_t t = 0; t < moves.size(0); ++t) {
    const at::Tensor d = moves[t] - theta * s;
    s = d.gt(theta).to(at::kFloat) - d.lt(-theta).to(at::kFloat);
    signs.push_back(s);
  }
  const at::Tensor all = at::stack(signs);
  return at::stack({all.gt(0).to(at::kFloat), all.lt(0).to(at::kFloat)});
}

at::Tensor shuffled_in_time(const at::Tensor& events, std::int64_t window, nets::Draws& draws) {
  std::vector<at::Tensor> parts;
  for (const at::Tensor& part : events.split(window, 1)) {
    // One permutation a pixel: ON and OFF of an instant stay together.
    const at::Tensor keys =
        draws.uniform({1, part.size(1), part.size(2), part.size(3)}, 0, 1, at::kFloat);
    parts.push_back(part.gather(1, keys.argsort(std::int64_t{1}).expand(part.sizes())));
  }
  return at::cat(parts, 1);
}

}  // namespace callosum::experiment
