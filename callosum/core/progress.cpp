#include "callosum/core/progress.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace callosum {
namespace {

std::string number(const char* format, double value) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

void write_all(int descriptor, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const auto n = ::write(descriptor, text.data() + done, text.size() - done);
    if (n <= 0) return;  // nobody can be told that nobody listens
    done += static_cast<std::size_t>(n);
  }
}

}  // namespace

ProgressPrinter::ProgressPrinter(int file_descriptor)
    : descriptor_(file_descriptor), terminal_(::isatty(file_descriptor) == 1) {}

ProgressPrinter::~ProgressPrinter() { finish(); }

bool ProgressPrinter::operator()(const Progress& progress) {
  const auto now = std::chrono::steady_clock::now();
  if (progress.task != task_) {
    finish();
    task_ = progress.task;
    started_ = shown_ = now;
  }
  using Seconds = std::chrono::duration<double>;
  const double since_shown = Seconds(now - shown_).count();
  const bool complete = progress.done >= progress.total;
  // A line of a log is worth writing every few seconds; short tasks write none.
  const double pause = terminal_ ? 0.1 : 5.0;
  if (since_shown < pause && !(complete && open_)) return true;
  shown_ = now;

  const double share =
      progress.total > 0 ? std::clamp(progress.done / progress.total, 0.0, 1.0) : 0.0;
  const double elapsed = Seconds(now - started_).count();
  std::string text = task_;
  if (terminal_) {
    constexpr int width = 30;
    const int full = static_cast<int>(share * width);
    text += " [" + std::string(full, '=') + std::string(width - full, ' ') + "]";
  }
  text += number(" %3.0f %%", 100 * share);
  if (!progress.detail.empty()) text += ", " + progress.detail;
  if (complete)
    text += ", " + readable_duration(elapsed);
  else if (share > 0.01 || elapsed > 10)
    if (share > 0) text += ", " + readable_duration(elapsed * (1 - share) / share) + " left";
  if (terminal_) {
    write_all(descriptor_, "\r" + text + "\x1b[K");
    open_ = true;
  } else {
    write_all(descriptor_, text + "\n");
    open_ = !complete;
  }
  return true;
}

void ProgressPrinter::finish() {
  if (open_ && terminal_) write_all(descriptor_, "\n");
  open_ = false;
  task_.clear();
}

std::string readable_duration(double seconds) {
  if (!(seconds >= 0) || !std::isfinite(seconds)) return "an unknown time";
  if (seconds < 0.001) return number("%.2g", seconds * 1e6) + " us";
  if (seconds < 1) return number("%.2g", seconds) + " s";
  if (seconds < 9.95) return number("%.2g", seconds) + " s";
  if (seconds < 59.5) return number("%.0f", seconds) + " s";
  const auto whole = static_cast<long long>(std::min(std::round(seconds), 9e15));
  const auto two = [](long long big, const char* big_name, long long small,
                      const char* small_name) {
    std::string out = std::to_string(big) + " " + big_name;
    if (small > 0) out += " " + std::to_string(small) + " " + small_name;
    return out;
  };
  if (whole < 3600) return two(whole / 60, "min", whole % 60, "s");
  if (whole < 86400) return two(whole / 3600, "h", whole % 3600 / 60, "min");
  return two(whole / 86400, "d", whole % 86400 / 3600, "h");
}

std::string readable_bytes(double bytes) {
  if (!(bytes >= 0) || !std::isfinite(bytes)) return "an unknown size";
  constexpr std::array names{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t i = 0;
  // The next name as soon as rounding would print 1000 or more.
  while (i + 1 < names.size() && bytes >= 999.5) {
    bytes /= 1024;
    ++i;
  }
  const bool tenths = i > 0 && bytes < 9.95;
  return number(tenths ? "%.1f" : "%.0f", bytes) + " " + names[i];
}

}  // namespace callosum
