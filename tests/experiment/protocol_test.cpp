#include "callosum/experiment/protocol.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <fstream>

#include "callosum/core/error.h"
#include "callosum/core/whole_file.h"
#include "callosum/experiment/index.h"
#include "callosum/experiment/json.h"
#include "toy.h"

namespace callosum::experiment {
namespace {

namespace fs = std::filesystem;

/// The result without what may differ between two runs: how long it took.
std::string numbers(Result result) {
  result.seconds = 0;
  return result_text(result);
}

/// The toy with a count of its runs.
Experiment counted(std::atomic<int>& count) {
  Experiment e = toy();
  e.run = [&count, run = e.run](const Trial& trial) {
    ++count;
    return run(trial);
  };
  return e;
}

TEST(Protocol, JudgesClaimsAndTheirCanaries) {
  const Result r = run(toy(), {.folder = fresh_folder("judges")});
  ASSERT_EQ(r.claims.size(), 4u);
  EXPECT_EQ(r.claims[0].result.verdict, Verdict::holds);
  EXPECT_EQ(r.claims[0].fake.verdict, Verdict::fails);
  EXPECT_TRUE(r.claims[0].canary_passes());
  EXPECT_EQ(r.claims[0].fake.values, (std::vector<double>{0, 0, 0, 0, 0}));
  EXPECT_EQ(r.claims[1].result.verdict, Verdict::fails);
  EXPECT_EQ(r.claims[2].result.verdict, Verdict::inconclusive);
  EXPECT_EQ(r.claims[3].result.verdict, Verdict::reported);
  EXPECT_EQ(r.notes.size(), 5u);
  EXPECT_EQ(r.charts.size(), 2u);
}

TEST(Protocol, ArmsShareTheirSeedsSoThatDifferencesArePaired) {
  const Result r = run(toy(), {.folder = fresh_folder("paired"), .changes = {"bias=0.5"}});
  for (double value : r.claims[0].result.values) EXPECT_EQ(value, 0);
}

TEST(Protocol, RepeatsNothingThatIsDone) {
  std::atomic<int> count{0};
  const std::string folder = fresh_folder("repeats");
  const Result first = run(counted(count), {.folder = folder, .seeds = 3});
  EXPECT_EQ(count, 9);
  EXPECT_EQ(numbers(run(counted(count), {.folder = folder, .seeds = 3})), numbers(first));
  EXPECT_EQ(count, 9);
  run(counted(count), {.folder = folder, .seeds = 4});
  EXPECT_EQ(count, 12) << "one more seed is three trials more";
  run(counted(count), {.folder = folder, .seeds = 4, .changes = {"tosses=100"}});
  EXPECT_EQ(count, 24) << "another setting is another trial";
}

TEST(Protocol, ATrialFileThatIsBrokenIsRunAgain) {
  std::atomic<int> count{0};
  const std::string folder = fresh_folder("broken");
  const Result first = run(counted(count), {.folder = folder, .seeds = 2});
  const std::string file = folder + "/trials/fair.2.json";
  const std::string text = read_whole_file(file).value();
  for (std::size_t cut : {std::size_t{0}, text.size() / 2, text.size() - 3}) {
    std::ofstream(file) << text.substr(0, cut);
    count = 0;
    EXPECT_EQ(numbers(run(counted(count), {.folder = folder, .seeds = 2})), numbers(first));
    EXPECT_EQ(count, 1);
  }
}

TEST(Protocol, GivesTheSameNumbersForAnyNumberOfProcesses) {
  const Result one = run(toy(), {.folder = fresh_folder("one")});
  const Result three = run(toy(), {.folder = fresh_folder("three"), .jobs = 3});
  EXPECT_EQ(numbers(one), numbers(three));
}

TEST(Protocol, StopsOnRequestAndGoesOnFromThere) {
  const std::string folder = fresh_folder("stops");
  std::atomic<int> count{0};
  EXPECT_THROW(run(counted(count),
                   {.folder = folder, .progress = [](const Progress& p) { return p.done < 5; }}),
               Interrupted);
  const int before = count;
  EXPECT_GE(before, 5);
  EXPECT_FALSE(fs::exists(folder + "/result.json"));
  const Result rest = run(counted(count), {.folder = folder});
  EXPECT_LE(count, 15 + 1) << "only the trial that was cut off is repeated";
  EXPECT_EQ(numbers(rest), numbers(run(toy(), {.folder = fresh_folder("whole")})));
}

/// A run in a process of its own that is killed without warning after two seeds' trials.
void killed_run(const std::string& folder, int jobs) {
  const pid_t child = fork();
  if (child == 0) {
    Experiment e = toy();
    e.run = [run = e.run](const Trial& trial) {
      if (trial.seed == 3) pause();
      return run(trial);
    };
    try {
      run(e, {.folder = folder, .jobs = jobs});
    } catch (...) {
    }
    _exit(0);
  }
  for (int i = 0; i < 3000; ++i) {
    std::size_t done = 0;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder + "/trials", none))
      done += entry.path().extension() == ".json";
    if (done >= 6) break;
    usleep(10000);
  }
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST(Protocol, KilledWithoutWarningItRepeatsNothingAndGivesTheSameNumbers) {
  for (int jobs : {1, 2}) {
    const std::string folder = fresh_folder("killed");
    killed_run(folder, jobs);
    EXPECT_FALSE(fs::exists(folder + "/result.json"));
    std::atomic<int> count{0};
    const Result rest = run(counted(count), {.folder = folder});
    EXPECT_EQ(count, 9) << "seeds 3 to 5; the six trials that were done are kept";
    EXPECT_EQ(numbers(rest), numbers(run(toy(), {.folder = fresh_folder("whole")})));
  }
}

TEST(Protocol, AnErrorInATrialIsToldWhateverProcessItWasIn) {
  Experiment e = toy();
  e.run = [](const Trial&) -> Outcome {
    throw ValueError({.where = "coin", .what = "it stands on its edge"});
  };
  for (int jobs : {1, 2}) {
    try {
      run(e, {.folder = fresh_folder("error"), .jobs = jobs});
      FAIL();
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("it stands on its edge"), std::string::npos);
    }
  }
}

TEST(Protocol, ProgressRunsFromNothingToAll) {
  for (int jobs : {1, 2}) {
    double last = 0, total = 0;
    run(toy(),
        {.folder = fresh_folder("progress"), .jobs = jobs, .progress = [&](const Progress& p) {
           EXPECT_GE(p.done, 0);
           last = p.done;
           total = p.total;
           return true;
         }});
    EXPECT_EQ(total, 15);
    if (jobs == 1) {
      EXPECT_EQ(last, 15);
    }
  }
}

TEST(Protocol, RefusesWhatMakesNoSense) {
  const auto broken = [](auto change) {
    Experiment e = toy();
    change(e);
    return e;
  };
  EXPECT_THROW(check(broken([](Experiment& e) { e.arms.clear(); })), ValueError);
  EXPECT_THROW(check(broken([](Experiment& e) { e.arms[1].name = "biased"; })), NameError);
  EXPECT_THROW(check(broken([](Experiment& e) { e.arms[1].name = "../up"; })), SyntaxError);
  EXPECT_THROW(check(broken([](Experiment& e) { e.claims[0].canary->fake = "far"; })), NameError);
  EXPECT_THROW(check(broken([](Experiment& e) { e.claims[0].bar = {}; })), ValueError);
  EXPECT_THROW(check(broken([](Experiment& e) { e.claims[3].bar = above(1); })), ValueError);
  EXPECT_THROW(check(broken([](Experiment& e) { e.claims[0].bar = above(NAN); })), ValueError);
  EXPECT_THROW(check(broken([](Experiment& e) { e.run = nullptr; })), ValueError);
  EXPECT_THROW(check(broken([](Experiment& e) { e.settings[0].quick = 0; })), ValueError);
  EXPECT_NO_THROW(check(toy()));
}

TEST(Settings, AreReadCheckedAndNamed) {
  const Experiment e = toy();
  EXPECT_EQ(resolved(e, Size::quick, {}).at("tosses"), 200);
  EXPECT_EQ(resolved(e, Size::full, {}).at("tosses"), 1000);
  EXPECT_EQ(resolved(e, Size::full, {"tosses=5"}).at("tosses"), 5);
  for (const char* bad : {"tosses", "tosses=", "=5", "tosses=5x", "tosses=five"})
    EXPECT_THROW(resolved(e, Size::quick, {bad}), Error) << bad;
  for (const char* bad : {"tosses=0", "tosses=nan", "tosses=inf", "bias=-1"})
    EXPECT_THROW(resolved(e, Size::quick, {bad}), ValueError) << bad;
  try {
    resolved(e, Size::quick, {"toses=5"});
    FAIL();
  } catch (const NameError& error) {
    EXPECT_EQ(error.detail().nearest, "tosses");
  }
  EXPECT_THROW(run(e, {.folder = fresh_folder("half"), .changes = {"tosses=2.5"}}), ValueError);
}

TEST(ResultFile, ReadsBackAsItWasWritten) {
  const Result r = run(toy(), {.folder = fresh_folder("reads"), .seeds = 2});
  const std::string text = result_text(r);
  EXPECT_EQ(result_text(read_result(text, "result.json")), text);
  for (std::size_t cut = 0; cut + 2 < text.size(); cut += 97)
    EXPECT_THROW(read_result(text.substr(0, cut), "result.json"), FileError);
  EXPECT_THROW(read_result("[1]", "result.json"), FileError);
}

TEST(ResultFile, DoesNotTellAFigureThatNobodyCheckedAsThePapers) {
  const std::string folder = fresh_folder("unchecked");
  run(toy(), {.folder = folder, .seeds = 2});
  for (const char* file : {"/result.json", "/report.html"}) {
    const std::string text = read_whole_file(folder + file).value();
    EXPECT_NE(text.find("Fig. 2"), std::string::npos);
    EXPECT_EQ(text.find("19 of 20"), std::string::npos) << file;
  }
}

TEST(ReportPage, HasClaimsBeforeFiguresAndEscapesNames) {
  Experiment e = toy();
  e.title = "<b>&";
  const std::string folder = fresh_folder("page");
  run(e, {.folder = folder, .seeds = 2});
  const std::string page = read_whole_file(folder + "/report.html").value();
  EXPECT_LT(page.find("id=\"claims\""), page.find("id=\"shares\""));
  EXPECT_LT(page.find("id=\"shares\""), page.find("id=\"provenance\""));
  EXPECT_EQ(page.find("<b>&"), std::string::npos);
  EXPECT_NE(page.find("Thin: fewer than five seeds"), std::string::npos);
}

TEST(Index, IsMadeAnewFromTheFoldersWheneverItIsMissingOrBroken) {
  const std::string folder = fresh_folder("index");
  run(toy(), {.folder = folder + "/toy", .seeds = 2});
  run(toy(), {.folder = folder + "/other", .seeds = 3});
  fs::create_directories(folder + "/not-a-run");
  const auto expect_two = [&] {
    const auto runs = list_runs(folder);
    ASSERT_EQ(runs.size(), 2u);
    EXPECT_EQ(runs[0].run, "other");
    EXPECT_EQ(runs[0].seeds, 3u);
    EXPECT_EQ(runs[1].holds + runs[1].fails + runs[1].inconclusive + runs[1].reported, 4u);
  };
  expect_two();
  expect_two();  // from the index
  std::ofstream(folder + "/index.sqlite") << "this is no data base, as long as it may be";
  expect_two();
  fs::remove(folder + "/index.sqlite");
  expect_two();
  std::ofstream(folder + "/toy/result.json") << "{";
  EXPECT_FALSE(list_runs(folder)[1].problem.empty()) << "a changed file is read again";
  EXPECT_THROW(list_runs(folder + "/nowhere"), FileError);
}

}  // namespace
}  // namespace callosum::experiment
