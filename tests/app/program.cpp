#include "program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace callosum::app {

const char* const tiny_network = R"(
name = "tiny"
title = "A tiny network"
dt = "0.1 ms"

[population.exc]
size = 40
model = "lif_cond_exp"
parameters = { V_th = "-50 mV", I_e = "600 pA" }
initial = { V_m = { uniform = ["-60 mV", "-50 mV"] } }

[[projection]]
from = "exc"
to = "exc"
rule = { fixed_probability = 0.2 }
target = "g_ex"
weight = "2 nS"
delay = "1 ms"

[[record]]
spikes = ["exc"]
)";

std::string fresh_folder(const std::string& name) {
  // Tests run side by side, one process each.
  const std::string own = "callosum_app_" + std::to_string(getpid());
  const auto folder = std::filesystem::path(::testing::TempDir()) / own / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder.string();
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Outcome shell(const std::string& line, const std::string& folder) {
  const std::string errors = fresh_folder("streams") + "/err";
  const std::string command = "cd '" + folder + "' && { " + line + "\n} 2>'" + errors + "'";
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot start a shell");
  Outcome outcome;
  char buffer[4096];
  for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    outcome.out.append(buffer, n);
  const int status = pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  outcome.err = read(errors);
  return outcome;
}

bool simulating(const std::string& err) { return contains(err, "simulating"); }

Outcome signalled(int signal, const std::function<bool(const std::string& err)>& now,
                  const std::string& arguments, const std::string& folder) {
  const std::string streams = fresh_folder("streams");
  const std::string out = streams + "/out", err = streams + "/err";
  const std::string command =
      "cd '" + folder + "' && exec " CALLOSUM_BINARY_DIR "/bin/callosum " + arguments;
  const pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC;
    dup2(open(out.c_str(), flags, 0600), 1);
    dup2(open(err.c_str(), flags, 0600), 2);
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  setpgid(child, child);  // whoever of the two is first
  int status = 0;
  pid_t ended = 0;
  bool due = false;
  for (int i = 0; i < 6000 && ended == 0 && !due; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    due = now(read(err));
    ended = waitpid(child, &status, WNOHANG);
  }
  if (ended == 0) {
    kill(-child, due ? signal : SIGKILL);
    waitpid(child, &status, 0);
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read(out), read(err)};
}

Outcome callosum(const std::string& arguments, const std::string& folder) {
  return shell(CALLOSUM_BINARY_DIR "/bin/callosum " + arguments, folder);
}

}  // namespace callosum::app
