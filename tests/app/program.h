#pragma once

#include <string>

namespace callosum::app {

/// What a run of the built program left behind.
struct Outcome {
  int code = -1;
  std::string out, err;
};

/// Runs `callosum <arguments>` (shell syntax) in `folder`.
Outcome callosum(const std::string& arguments, const std::string& folder = ".");

/// A fresh folder for one test.
std::string fresh_folder(const std::string& name);
std::string read(const std::string& path);
void write(const std::string& path, const std::string& text);
bool contains(const std::string& text, const std::string& part);

/// Forty driven, recurrently connected neurons: small, but with a spike hash worth comparing.
extern const char* const tiny_network;

}  // namespace callosum::app
