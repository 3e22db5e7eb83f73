#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

namespace callosum::data {

/// A small HTTP server on this machine that misbehaves on request.
class Server {
 public:
  explicit Server(std::string body) : body_(std::move(body)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 8);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/file";
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    ::shutdown(listener_, SHUT_RDWR);
    ::close(listener_);
    thread_.join();
  }

  const std::string& url() const { return url_; }  ///< any path gives the one file
  std::atomic<long> cut_after = -1;  ///< bytes of a body before the connection breaks; -1: never
  std::atomic<int> cuts = 0;         ///< how many more connections break
  std::atomic<int> status = 0;       ///< answered instead of the file; 0: the file
  std::atomic<bool> ranges = true;
  std::atomic<int> requests = 0;
  std::atomic<long> sent = 0;  ///< bytes of bodies

 private:
  void serve() {
    while (true) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      answer(connection);
      ::close(connection);
    }
  }

  void answer(int connection) {
    std::string request;
    char part[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t n = ::recv(connection, part, sizeof part, 0);
      if (n <= 0) return;
      request.append(part, static_cast<std::size_t>(n));
    }
    ++requests;
    std::size_t begin = 0;
    const std::size_t range = request.find("Range: bytes=");
    if (ranges && range != std::string::npos) begin = std::stoul(request.substr(range + 13));
    std::string code = range != std::string::npos && ranges ? "206 Partial Content" : "200 OK";
    if (begin > body_.size() || (begin == body_.size() && begin > 0))
      code = "416 Range Not Satisfiable";
    if (status) code = std::to_string(status) + " No";
    const std::string body =
        code.starts_with("2") ? body_.substr(std::min(begin, body_.size())) : "";
    std::string head = "HTTP/1.1 " + code + "\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\nConnection: close\r\n";
    if (code.starts_with("206"))
      head += "Content-Range: bytes " + std::to_string(begin) + "-" +
              std::to_string(body_.size() - 1) + "/" + std::to_string(body_.size()) + "\r\n";
    std::string all = head + "\r\n" + body;
    if (cuts > 0 && cut_after >= 0 && static_cast<long>(body.size()) > cut_after) {
      --cuts;
      all.resize(all.size() - body.size() + static_cast<std::size_t>(cut_after));
    }
    sent += static_cast<long>(all.size() - head.size() - 2);
    for (std::size_t at = 0; at < all.size();) {
      const ssize_t n = ::send(connection, all.data() + at, all.size() - at, MSG_NOSIGNAL);
      if (n <= 0) return;
      at += static_cast<std::size_t>(n);
    }
    ::shutdown(connection, SHUT_WR);
    while (::recv(connection, part, sizeof part, 0) > 0) {
    }
  }

  std::string body_, url_;
  int listener_ = -1;
  std::thread thread_;
};

}  // namespace callosum::data
