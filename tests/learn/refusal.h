#pragma once

#include <exception>
#include <functional>
#include <string>

namespace callosum {

/// The text of the error of this kind that `call` throws.
template <class E>
std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const E& e) {
    return e.what();
  } catch (const std::exception& e) {
    return std::string("another error: ") + e.what();
  }
  return "nothing";
}

}  // namespace callosum
