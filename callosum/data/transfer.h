#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace callosum::data {

/// One request for the bytes of a URL from `begin` on.
struct Transfer {
  std::string url;
  std::uint64_t begin = 0;
  double patience_s = 30;  ///< without a byte before it counts as broken
  std::function<bool(const char* from, std::size_t count)> take;          ///< false: cannot be kept
  std::function<bool(std::uint64_t done, std::uint64_t total)> progress;  ///< false: stop
};

struct TransferResult {
  enum class Outcome {
    complete,       ///< the server sent all it wanted to
    broken,         ///< the connection failed: worth another try
    refused,        ///< the server answered with an error
    cannot_resume,  ///< it does not know byte ranges, or not this one
    full,           ///< `take` said no
    stopped,        ///< `progress` said no
  };
  Outcome outcome = Outcome::broken;
  long status = 0;  ///< of HTTP; 0 before an answer
  std::string message;
};

/// Performs it with libcurl, opened on the first call. http and https only, redirects followed.
/// \throws ResourceError when libcurl cannot be opened.
TransferResult perform(const Transfer& transfer);

}  // namespace callosum::data
