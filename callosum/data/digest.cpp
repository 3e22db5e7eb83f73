#include "callosum/data/digest.h"

#include <openssl/evp.h>

#include <fstream>
#include <memory>
#include <vector>

#include "callosum/data/file_error.h"

namespace callosum::data {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view md5_mark = "md5:";

}  // namespace

std::string digest_of(const fs::path& path, std::string_view like) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw file_error(in_file(path), "cannot be opened");
  const bool md5 = like.starts_with(md5_mark);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), md5 ? EVP_md5() : EVP_sha256(), nullptr) != 1)
    throw file_error(in_file(path), "this machine has no " + std::string(md5 ? "MD5" : "SHA-256"));
  std::vector<char> part(1 << 20);
  while (in.read(part.data(), static_cast<std::streamsize>(part.size())), in.gcount() > 0)
    EVP_DigestUpdate(context.get(), part.data(), static_cast<std::size_t>(in.gcount()));
  if (in.bad()) throw file_error(in_file(path), "cannot be read");
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(context.get(), bytes, &length);
  std::string hex(md5 ? md5_mark : "");
  for (unsigned i = 0; i < length; ++i)
    for (int half : {bytes[i] >> 4, bytes[i] & 15}) hex += "0123456789abcdef"[half];
  return hex;
}

void verify_file(const fs::path& path, const DataFile& file) {
  std::error_code problem;
  const std::uintmax_t size = fs::file_size(path, problem);
  if (problem) throw file_error(in_file(path), "cannot be opened: " + problem.message());
  if (file.bytes != 0 && size != file.bytes)
    throw file_error(in_file(path), "it does not have its size", std::to_string(size) + " bytes",
                     std::to_string(file.bytes) + " bytes");
  const std::string digest = digest_of(path, file.digest);
  if (digest != file.digest)
    throw file_error(in_file(path), "it does not have its checksum", digest,
                     std::string(file.digest));
}

int verify(const Location& location) {
  int unknown = 0;
  for (const DataFile& file : location.edition->files) {
    const fs::path path = location.file(file.name);
    if (path.filename() == file.name)
      verify_file(path, file);
    else
      ++unknown;
  }
  return unknown;
}

}  // namespace callosum::data
