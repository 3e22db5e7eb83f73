#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace callosum {

/// How far a long piece of work has come. The library never prints: it calls whoever listens.
struct Progress {
  std::string task;  ///< "connecting", "simulating"
  double done = 0;   ///< in [0, total]
  double total = 1;
  std::string detail;  ///< "1.2 s of 10 s", may be empty
};

/// Called now and then from the thread that called the library. Return false to stop the work:
/// it ends by throwing Interrupted with everything done so far kept.
using ProgressCallback = std::function<bool(const Progress&)>;

/// Shows progress on a stream: a bar with time left on a terminal, a plain line every few seconds
/// otherwise. Used by the programs, never by the library.
class ProgressPrinter {
 public:
  explicit ProgressPrinter(int file_descriptor = 2);
  ~ProgressPrinter();
  bool operator()(const Progress& progress);
  void finish();  ///< ends the line

 private:
  int descriptor_;
  bool terminal_;
  std::string task_;
  std::chrono::steady_clock::time_point started_, shown_;
  bool open_ = false;
};

/// "3 s", "2 min 10 s", "1 h 5 min".
std::string readable_duration(double seconds);
/// "1.3 GiB", "640 KiB".
std::string readable_bytes(double bytes);

}  // namespace callosum
