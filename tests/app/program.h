#pragma once

#include <functional>
#include <string>

namespace callosum::app {

/// What a run of the built program left behind.
struct Outcome {
  int code = -1;
  std::string out, err;
};

/// Runs lines of shell in `folder`.
Outcome shell(const std::string& lines, const std::string& folder);
/// Runs `callosum <arguments>` (shell syntax) in `folder`.
Outcome callosum(const std::string& arguments, const std::string& folder = ".");

/// Starts `callosum <arguments>`, sends `signal` to it and the programs it started as soon as
/// `now` says so of its standard error, and waits for its end. The code is that of a shell: 128 +
/// the number of the signal that ended it.
Outcome signalled(int signal, const std::function<bool(const std::string& err)>& now,
                  const std::string& arguments, const std::string& folder);
/// For `signalled`: it simulates.
bool simulating(const std::string& err);

/// A fresh folder for one test.
std::string fresh_folder(const std::string& name);
std::string read(const std::string& path);
void write(const std::string& path, const std::string& text);
bool contains(const std::string& text, const std::string& part);

/// Forty driven, recurrently connected neurons: small, but with a spike hash worth comparing.
extern const char* const tiny_network;

}  // namespace callosum::app
