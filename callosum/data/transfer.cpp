#include "callosum/data/transfer.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>

#include <memory>

#include "callosum/core/error.h"

namespace callosum::data {

namespace {

/// The functions of libcurl that are used, from the library as it lies on this machine.
struct Curl {
  decltype(&curl_global_init) global_init;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_setopt) set;
  decltype(&curl_easy_perform) easy_perform;
  decltype(&curl_easy_getinfo) get;
  decltype(&curl_easy_cleanup) cleanup;
  decltype(&curl_easy_strerror) text;

  Curl() {
    void* const library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library)
      throw ResourceError({.where = "download",
                           .what = "libcurl is not installed (apt-get install libcurl4)",
                           .got = dlerror()});
    const auto load = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(library, name));
      if (!function)
        throw ResourceError({.where = "download",
                             .what = "this libcurl lacks a function",
                             .got = std::string(name)});
    };
    load(global_init, "curl_global_init");
    load(easy_init, "curl_easy_init");
    load(set, "curl_easy_setopt");
    load(easy_perform, "curl_easy_perform");
    load(get, "curl_easy_getinfo");
    load(cleanup, "curl_easy_cleanup");
    load(text, "curl_easy_strerror");
    global_init(CURL_GLOBAL_DEFAULT);
  }
};

const Curl& curl() {
  static const Curl opened;
  return opened;
}

struct Context {
  const Transfer& transfer;
  CURL* handle;
  bool full = false, stopped = false;
};

std::size_t write(char* from, std::size_t, std::size_t count, void* data) {
  auto& context = *static_cast<Context*>(data);
  if (context.transfer.take(from, count)) return count;
  context.full = true;
  return 0;
}

int watch(void* data, curl_off_t total, curl_off_t done, curl_off_t, curl_off_t) {
  auto& context = *static_cast<Context*>(data);
  if (!context.transfer.progress) return 0;
  context.stopped = !context.transfer.progress(static_cast<std::uint64_t>(done),
                                               static_cast<std::uint64_t>(total));
  return context.stopped ? 1 : 0;
}

TransferResult::Outcome judge(CURLcode code, long status, const Context& context) {
  using Outcome = TransferResult::Outcome;
  if (context.stopped) return Outcome::stopped;
  if (context.full) return Outcome::full;
  const bool other_range = code == CURLE_HTTP_RETURNED_ERROR && status == 416;
  if (code == CURLE_RANGE_ERROR || other_range) return Outcome::cannot_resume;
  if (code == CURLE_OK) return Outcome::complete;
  const bool busy = status >= 500 || status == 429 || status == 408;
  if (code == CURLE_HTTP_RETURNED_ERROR && !busy) return Outcome::refused;
  if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT ||
      code == CURLE_TOO_MANY_REDIRECTS || code == CURLE_PEER_FAILED_VERIFICATION)
    return Outcome::refused;
  return Outcome::broken;
}

}  // namespace

TransferResult perform(const Transfer& transfer) {
  const Curl& c = curl();
  const std::unique_ptr<CURL, void (*)(CURL*)> handle(c.easy_init(), c.cleanup);
  if (!handle) throw ResourceError({.where = "download", .what = "libcurl cannot start"});
  Context context{transfer, handle.get()};
  CURL* const h = handle.get();
  char message[CURL_ERROR_SIZE] = "";
  c.set(h, CURLOPT_URL, transfer.url.c_str());
  c.set(h, CURLOPT_ERRORBUFFER, message);
  c.set(h, CURLOPT_NOSIGNAL, 1L);
  c.set(h, CURLOPT_FOLLOWLOCATION, 1L);
  c.set(h, CURLOPT_MAXREDIRS, 10L);
  c.set(h, CURLOPT_PROTOCOLS_STR, "http,https");
  c.set(h, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  c.set(h, CURLOPT_FAILONERROR, 1L);
  c.set(h, CURLOPT_USERAGENT, "callosum");
  c.set(h, CURLOPT_CONNECTTIMEOUT, static_cast<long>(transfer.patience_s + 1));
  c.set(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
  c.set(h, CURLOPT_LOW_SPEED_TIME, static_cast<long>(transfer.patience_s + 1));
  c.set(h, CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(transfer.begin));
  c.set(h, CURLOPT_WRITEFUNCTION, &write);
  c.set(h, CURLOPT_WRITEDATA, &context);
  c.set(h, CURLOPT_NOPROGRESS, 0L);
  c.set(h, CURLOPT_XFERINFOFUNCTION, &watch);
  c.set(h, CURLOPT_XFERINFODATA, &context);
  const CURLcode code = c.easy_perform(h);
  TransferResult result;
  c.get(h, CURLINFO_RESPONSE_CODE, &result.status);
  result.outcome = judge(code, result.status, context);
  if (code != CURLE_OK) result.message = *message ? message : c.text(code);
  return result;
}

}  // namespace callosum::data
