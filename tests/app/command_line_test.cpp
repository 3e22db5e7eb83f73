#include <gtest/gtest.h>

#include <cstdio>

#include "program.h"

namespace callosum::app {
namespace {

TEST(CommandLine, SaysItsVersion) {
  const Outcome run = callosum("--version");
  EXPECT_EQ(run.code, 0);
  EXPECT_TRUE(run.out.starts_with("callosum 0."));
  EXPECT_EQ(run.err, "");
}

TEST(CommandLine, HelpShowsExamplesAndExitCodes) {
  const Outcome all = callosum("--help");
  EXPECT_EQ(all.code, 0);
  EXPECT_TRUE(contains(all.out, "callosum run coba"));
  EXPECT_TRUE(contains(all.out, "Exit codes: 0 done"));
  EXPECT_TRUE(contains(callosum("run --help").out, "--scale 0.1 --estimate"));
  EXPECT_TRUE(contains(callosum("model --help").out, "callosum model check"));
}

// How fast it starts is measured in bench/run.py; what would make it slow must not be linked.
TEST(CommandLine, LinksNoTensorLibrary) {
  FILE* pipe = popen("ldd " CALLOSUM_BINARY_DIR "/bin/callosum", "r");
  ASSERT_NE(pipe, nullptr);
  std::string libraries;
  char buffer[4096];
  for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) libraries.append(buffer, n);
  ASSERT_EQ(pclose(pipe), 0);
  EXPECT_TRUE(contains(libraries, "libc.so")) << libraries;
  for (const char* heavy : {"torch", "openblas", "libpython", "libmpi"})
    EXPECT_FALSE(contains(libraries, heavy)) << libraries;
  // LLVM's shared library alone takes 20-30 ms.
  EXPECT_EQ(contains(libraries, "LLVM"), !CALLOSUM_HAS_STATIC_LLVM) << libraries;
}

TEST(CommandLine, WithoutACommandShowsHelpAsAnError) {
  const Outcome run = callosum("");
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_TRUE(contains(run.err, "Examples:"));
}

struct Slip {
  const char *arguments, *part;
};

TEST(CommandLine, OffersTheNearestNameForASlip) {
  for (const Slip& slip :
       {Slip{"rnu coba", "unknown command 'rnu'; did you mean 'run'?"},
        Slip{"run coba --threds 2", "did you mean '--threads'?"},
        Slip{"run coba --presision=double", "did you mean '--precision'?"},
        Slip{"run --jsn", "did you mean '--json'?"}, Slip{"model lst", "did you mean 'list'?"},
        Slip{"model show lif --aftr parse", "did you mean '--after'?"}}) {
    const Outcome run = callosum(slip.arguments);
    EXPECT_EQ(run.code, 2) << slip.arguments;
    EXPECT_TRUE(contains(run.err, slip.part)) << run.err;
    EXPECT_TRUE(contains(run.err, "--help"));
    EXPECT_EQ(run.out, "");
  }
}

TEST(CommandLine, RefusesValuesThatCannotBe) {
  for (const char* arguments :
       {"run coba --threads 0", "run coba --threads x", "run coba --lanes 3",
        "run coba --precision half", "run coba --engine gpu", "run coba --seed -1", "run",
        "model show", "run one two"}) {
    const Outcome run = callosum(arguments);
    EXPECT_EQ(run.code, 2) << arguments;
    EXPECT_TRUE(run.err.starts_with("error: ")) << run.err;
  }
}

}  // namespace
}  // namespace callosum::app
