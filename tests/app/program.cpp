#include "program.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

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

Outcome callosum(const std::string& arguments, const std::string& folder) {
  const std::string errors = fresh_folder("streams") + "/err";
  const std::string command = "cd '" + folder + "' && " CALLOSUM_BINARY_DIR "/bin/callosum " +
                              arguments + " 2>'" + errors + "'";
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

}  // namespace callosum::app
