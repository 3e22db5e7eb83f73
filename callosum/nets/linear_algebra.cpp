#include "callosum/nets/linear_algebra.h"

#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/linalg_eigvals.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/linalg_svd.h>
#include <ATen/ops/linalg_svdvals.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "callosum/core/error.h"
#include "callosum/nets/check.h"

namespace callosum::nets {
namespace {

constexpr std::string_view where = "linear algebra";

at::Tensor prepared(std::string_view name, const at::Tensor& matrix) {
  check::shape(where, name, matrix, {check::any, check::any});
  const at::Tensor out = matrix.detach().to(at::kDouble);
  check::finite(where, name, out);
  return out;
}

at::Tensor square(const at::Tensor& matrix) {
  const at::Tensor out = prepared("matrix", matrix);
  check::shape(where, "matrix", out, {out.size(0), out.size(0)});
  return out;
}

[[noreturn]] void undefined(std::string what) {
  throw NumericalError({.where = std::string(where), .what = std::move(what)});
}

double scale_factor(double now, double radius) {
  check::not_negative(where, "radius", radius);
  if (!(now > 0)) undefined("the spectral radius is 0 and cannot be scaled");
  return radius / now;
}

std::vector<std::complex<double>> sorted_eigenvalues(const at::Tensor& matrix) {
  const at::Tensor values = at::linalg_eigvals(square(matrix)).contiguous();
  const auto* data = static_cast<const std::complex<double>*>(values.data_ptr());
  std::vector<std::complex<double>> out(data, data + values.numel());
  std::sort(out.begin(), out.end(), [](auto a, auto b) {
    if (std::abs(a) != std::abs(b)) return std::abs(a) > std::abs(b);
    return a.real() != b.real() ? a.real() > b.real() : a.imag() > b.imag();
  });
  return out;
}

}  // namespace

at::Tensor eigenvalues(const at::Tensor& matrix) {
  const auto values = sorted_eigenvalues(matrix);
  at::Tensor out = at::zeros({static_cast<std::int64_t>(values.size())}, at::kComplexDouble);
  std::copy(values.begin(), values.end(), static_cast<std::complex<double>*>(out.data_ptr()));
  return out;
}

double spectral_radius(const at::Tensor& matrix) {
  const auto values = sorted_eigenvalues(matrix);
  return values.empty() ? 0 : std::abs(values.front());
}

double spectral_radius(const SparseMatrix& matrix) { return spectral_radius(matrix.dense()); }

void scale_to_spectral_radius(SparseMatrix& matrix, double radius) {
  const double factor = scale_factor(spectral_radius(matrix), radius);
  for (double& w : matrix.values()) w *= factor;
}

at::Tensor scaled_to_spectral_radius(const at::Tensor& matrix, double radius) {
  return matrix.mul(scale_factor(spectral_radius(matrix), radius));
}

at::Tensor singular_values(const at::Tensor& matrix) {
  return at::linalg_svdvals(prepared("matrix", matrix));
}

double effective_rank(const at::Tensor& matrix) {
  const at::Tensor s = singular_values(matrix);
  const double sum = s.sum().item<double>();
  if (!(sum > 0)) undefined("a zero matrix has no effective rank");
  const at::Tensor p = s.div(sum);
  const at::Tensor positive = p.masked_select(p.gt(0));
  return std::exp(-positive.mul(positive.log()).sum().item<double>());
}

double participation_ratio(const at::Tensor& matrix) {
  const at::Tensor power = singular_values(matrix).square();
  const double fourth = power.square().sum().item<double>();
  if (!(fourth > 0)) undefined("a zero matrix has no participation ratio");
  const double sum = power.sum().item<double>();
  return sum * sum / fourth;
}

at::Tensor truncated_to_rank(const at::Tensor& matrix, std::int64_t rank, bool keep_norm) {
  const at::Tensor a = prepared("matrix", matrix);
  const auto most = static_cast<double>(std::min(a.size(0), a.size(1)));
  check::within(where, "rank", static_cast<double>(rank), 1, most);
  const auto [u, s, v] = at::linalg_svd(a, false);
  const at::Tensor low = u.slice(1, 0, rank).mul(s.slice(0, 0, rank)).mm(v.slice(0, 0, rank));
  if (!keep_norm) return low.to(matrix.scalar_type());
  const double norm = low.norm().item<double>();
  if (!(norm > 0)) undefined("a zero matrix cannot be scaled to a norm");
  return low.mul(a.norm().item<double>() / norm).to(matrix.scalar_type());
}

at::Tensor principal_angles(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = prepared("a", a), y = prepared("b", b);
  check::shape(where, "b", y, {x.size(0), check::any});
  check::within(where, "columns of a", static_cast<double>(x.size(1)), 1,
                static_cast<double>(x.size(0)));
  check::within(where, "columns of b", static_cast<double>(y.size(1)), 1,
                static_cast<double>(x.size(0)));
  at::Tensor p = std::get<0>(at::linalg_qr(x)), q = std::get<0>(at::linalg_qr(y));
  if (p.size(1) < q.size(1)) std::swap(p, q);
  const at::Tensor cosine = at::linalg_svdvals(p.t().mm(q)).clamp_max(1);
  const at::Tensor rest = q.sub(p.mm(p.t().mm(q)));
  const at::Tensor sine = at::linalg_svdvals(rest).clamp_max(1).flip(0);
  return at::where(cosine.gt(0.7), sine.slice(0, 0, cosine.size(0)).asin(), cosine.acos());
}

double alignment(const at::Tensor& a, const at::Tensor& b) {
  check::shape(where, "b", b, a.sizes());
  const at::Tensor x = a.detach().to(at::kDouble).flatten(),
                   y = b.detach().to(at::kDouble).flatten();
  check::finite(where, "a", x);
  check::finite(where, "b", y);
  const double norms = x.norm().item<double>() * y.norm().item<double>();
  if (!(norms > 0)) undefined("the alignment with a zero matrix is undefined");
  return x.dot(y).item<double>() / norms;
}

std::vector<std::complex<double>> polynomial_roots(std::span<const double> coefficients) {
  const auto n = static_cast<std::int64_t>(coefficients.size()) - 1;
  check::at_least(where, "coefficients", n, 0);
  if (!(coefficients[n] != 0))
    throw ValueError({.where = std::string(where),
                      .what = "the leading coefficient of a polynomial is 0",
                      .expected = "fewer coefficients"});
  if (n == 0) return {};
  at::Tensor companion = at::zeros({n, n}, at::kDouble);
  double* entry = companion.data_ptr<double>();
  for (std::int64_t i = 1; i < n; ++i) entry[i * n + i - 1] = 1;
  for (std::int64_t i = 0; i < n; ++i) entry[i * n + n - 1] = -coefficients[i] / coefficients[n];
  return sorted_eigenvalues(companion);
}

Quadrature gauss_hermite(std::int64_t n) {
  check::at_least(where, "quadrature nodes", n, 1);
  at::Tensor jacobi = at::zeros({n, n}, at::kDouble);
  double* entry = jacobi.data_ptr<double>();
  for (std::int64_t i = 1; i < n; ++i)
    entry[i * n + i - 1] = entry[(i - 1) * n + i] = std::sqrt(static_cast<double>(i));
  const auto [values, vectors] = at::linalg_eigh(jacobi);
  const at::Tensor nodes = values.contiguous();
  const at::Tensor weights = vectors.select(0, 0).square().contiguous();
  Quadrature out;
  out.nodes.assign(nodes.data_ptr<double>(), nodes.data_ptr<double>() + n);
  out.weights.assign(weights.data_ptr<double>(), weights.data_ptr<double>() + n);
  return out;
}

at::Tensor gaussian_matrix(Draws& draws, std::int64_t n, double g) {
  check::at_least(where, "n", n, 1);
  check::not_negative(where, "g", g);
  return draws.normal({n, n}, 0, g / std::sqrt(static_cast<double>(n)));
}

SparseMatrix sparse_gaussian(Draws& draws, std::int64_t n, std::int64_t degree, double radius) {
  check::at_least(where, "degree", degree, 1);
  SparseMatrix out = fixed_in_degree(draws, {.rows = n, .columns = n, .degree = degree});
  for (double& w : out.values()) w = draws.stream().normal();
  scale_to_spectral_radius(out, radius);
  return out;
}

at::Tensor orthogonal_matrix(Draws& draws, std::int64_t n) {
  check::at_least(where, "n", n, 1);
  const auto [q, r] = at::linalg_qr(draws.normal({n, n}));
  // Signs that make R's diagonal positive make Q uniform (Mezzadri 2007).
  return q.mul(r.diagonal().sign());
}

}  // namespace callosum::nets
