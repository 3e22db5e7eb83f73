#include "callosum/data/download.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "callosum/data/digest.h"
#include "callosum/data/file_error.h"
#include "callosum/data/transfer.h"

namespace callosum::data {

namespace fs = std::filesystem;

namespace {

/// `<to>.part`, held by one process at a time.
class PartFile {
 public:
  explicit PartFile(fs::path path) : path_(std::move(path)) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (descriptor_ < 0)
      throw file_error(in_file(path_), "cannot be written: " + std::string(std::strerror(errno)));
    if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
    ::close(descriptor_);
    throw file_error(in_file(path_), "another process is fetching it");
  }
  ~PartFile() { ::close(descriptor_); }
  PartFile(const PartFile&) = delete;

  std::uint64_t size() const {
    const auto end = ::lseek(descriptor_, 0, SEEK_END);
    return end < 0 ? 0 : static_cast<std::uint64_t>(end);
  }
  void clear() { (void)!::ftruncate(descriptor_, 0); }
  /// False when the disk is full or gone.
  bool append(const char* from, std::size_t count) {
    while (count > 0) {
      const ssize_t n = ::write(descriptor_, from, count);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      from += n;
      count -= static_cast<std::size_t>(n);
    }
    return true;
  }
  void sync() { ::fsync(descriptor_); }

 private:
  fs::path path_;
  int descriptor_ = -1;
};

void require_space(const fs::path& folder, std::uint64_t missing) {
  std::error_code unknown;
  const fs::space_info space = fs::space(folder, unknown);
  if (unknown || space.available >= missing) return;
  throw ResourceError({.where = "folder '" + folder.string() + "'",
                       .what = "the disk is too small",
                       .got = readable_bytes(static_cast<double>(space.available)) + " free",
                       .expected = readable_bytes(static_cast<double>(missing))});
}

bool present_and_right(const fs::path& path, const DataFile& file) {
  std::error_code unknown;
  if (!fs::is_regular_file(path, unknown)) return false;
  try {
    verify_file(path, file);
    return true;
  } catch (const FileError&) {
    return false;  // half of it, or another version: fetched again
  }
}

/// One file, its part and the rules of when to try again.
class Fetching {
 public:
  Fetching(const std::string& url, const DataFile& file, PartFile& part,
           const DownloadOptions& options)
      : url_(url), file_(file), part_(part), options_(options) {}

  void run() {
    bool fresh = part_.size() == 0;
    for (int attempt = 1;; ++attempt) {
      if (file_.bytes != 0 && part_.size() == file_.bytes) return;
      if (file_.bytes != 0 && part_.size() > file_.bytes) part_.clear();
      const TransferResult result = once();
      switch (result.outcome) {
        case TransferResult::Outcome::complete:
          if (file_.bytes == 0 || part_.size() == file_.bytes) return;
          if (part_.size() > file_.bytes) {
            part_.clear();
            throw file_error(url_, "the server's file is not the one expected: it is larger", "",
                             std::to_string(file_.bytes) + " bytes");
          }
          break;  // shorter: as when the connection breaks off
        case TransferResult::Outcome::cannot_resume:
          if (fresh) throw file_error(url_, "the server does not send the file", result.message);
          if (result.status == 416 && file_.bytes == 0) return;  // the part may be all of it
          part_.clear();
          fresh = true;
          --attempt;
          continue;
        case TransferResult::Outcome::stopped:
          throw Interrupted({.where = url_, .what = "stopped on request; what has come is kept"});
        case TransferResult::Outcome::refused:
          throw file_error(url_, "the server refuses the file", result.message);
        case TransferResult::Outcome::full:
          if (file_.bytes != 0 && part_.size() >= file_.bytes) {
            part_.clear();
            throw file_error(url_, "the server's file is not the one expected: it is larger", "",
                             std::to_string(file_.bytes) + " bytes");
          }
          throw file_error(url_, "what comes cannot be written: the disk is full or gone");
        case TransferResult::Outcome::broken:
          break;
      }
      if (attempt >= options_.attempts)
        throw file_error(url_,
                         "the connection broke off " + std::to_string(attempt) +
                             " times; what has come is kept and the next try goes on from there",
                         result.message.empty() ? "an early end" : result.message);
    }
  }

 private:
  TransferResult once() {
    const std::uint64_t begin = part_.size();
    Transfer transfer;
    transfer.url = url_;
    transfer.begin = begin;
    transfer.patience_s = options_.patience_s;
    transfer.take = [&](const char* from, std::size_t count) {
      if (file_.bytes != 0 && part_.size() + count > file_.bytes) {
        part_.append(from, static_cast<std::size_t>(file_.bytes - part_.size()));
        return false;
      }
      return part_.append(from, count);
    };
    transfer.progress = [&](std::uint64_t done, std::uint64_t total) {
      if (!options_.progress) return true;
      const double all = static_cast<double>(file_.bytes ? file_.bytes : total ? begin + total : 0);
      const double have = static_cast<double>(begin + done);
      return options_.progress(
          {"fetching " + std::string(file_.name), have, all > 0 ? all : 1,
           readable_bytes(have) + (all > 0 ? " of " + readable_bytes(all) : std::string())});
    };
    return perform(transfer);
  }

  const std::string& url_;
  const DataFile& file_;
  PartFile& part_;
  const DownloadOptions& options_;
};

}  // namespace

std::string address(const DataSet& set, const DataFile& file) {
  const char* mirror = std::getenv("CALLOSUM_MIRROR");
  if (!mirror || !*mirror) return std::string(file.url);
  std::string base = mirror;
  if (!base.ends_with('/')) base += '/';
  return base + std::string(set.name) + "/" + std::string(file.name);
}

void download(const std::string& url, const DataFile& file, const fs::path& to,
              const DownloadOptions& options) {
  if (present_and_right(to, file)) return;
  const fs::path part_path = to.string() + ".part";
  PartFile part(part_path);
  if (file.bytes > part.size()) require_space(to.parent_path(), file.bytes - part.size());
  Fetching(url, file, part, options).run();
  part.sync();
  std::error_code problem;
  try {
    verify_file(part_path, file);
  } catch (const FileError& error) {
    fs::remove(part_path, problem);
    ErrorDetail detail = error.detail();
    detail.where = url;
    detail.what = "what the server sent is not the file expected: " + detail.what;
    throw FileError(std::move(detail));
  }
  fs::rename(part_path, to, problem);
  if (problem) throw file_error(in_file(to), "cannot be written: " + problem.message());
}

void download(const DataSet& set, const Edition& edition, const fs::path& folder,
              const DownloadOptions& options) {
  if (!edition.downloadable())
    throw UnsupportedError(
        {.where = "data set '" + std::string(set.name) + "', " + std::string(edition.name),
         .what = "it is not to be had file by file; see " + std::string(set.page)});
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem)
    throw file_error("folder '" + folder.string() + "'", "cannot be made: " + problem.message());
  for (const DataFile& file : edition.files)
    download(address(set, file), file, folder / file.name, options);
}

}  // namespace callosum::data
