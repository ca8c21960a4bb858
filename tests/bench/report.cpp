#include "tests/bench/report.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hubbub::bench {

namespace {

std::optional<double> figure_of(const Result& result, const std::string& contender, const std::string& figure,
                                std::size_t run) {
  const auto outcome = result.outcomes.find(contender);
  if (outcome == result.outcomes.end() || run >= outcome->second.runs.size()) return std::nullopt;
  const auto& metrics = outcome->second.runs[run];
  if (!metrics || !metrics->contains(figure)) return std::nullopt;
  return metrics->at(figure);
}

std::size_t runs_of(const Result& result, const std::string& contender) {
  const auto outcome = result.outcomes.find(contender);
  return outcome == result.outcomes.end() ? 0 : outcome->second.runs.size();
}

/// Run by run, so that what the machine did at that time falls on both sides of a ratio.
double value_of(const Result& result, const Bar& bar) {
  std::vector<double> values;
  for (std::size_t run = 0; run < runs_of(result, bar.contender); ++run) {
    const auto ours = figure_of(result, bar.contender, bar.figure, run);
    const auto theirs = bar.against.empty() ? std::optional(1.0) : figure_of(result, bar.against, bar.figure, run);
    if (ours && theirs) values.push_back(*ours / *theirs);
  }
  return median(std::move(values));
}

std::string limit_text(const Bar& bar) {
  switch (bar.sense) {
    case Bar::Sense::at_least: return fmt::format("at least {}", bar.limit);
    case Bar::Sense::at_most: return fmt::format("at most {}", bar.limit);
    case Bar::Sense::reported: break;
  }
  return "";
}

std::string verdict(const Judged& judged) {
  if (judged.bar.sense == Bar::Sense::reported) return "";
  return judged.is_met() ? "met" : "MISSED";
}

std::string bar_line(const Judged& judged) {
  const auto& bar = judged.bar;
  const auto what = bar.against.empty() ? bar.contender : bar.contender + " / " + bar.against;
  return fmt::format("  {:<22} {:<24} {:>9.2f}   {:<14} {}", what, bar.figure, judged.value, limit_text(bar),
                     verdict(judged));
}

}  // namespace

double median(std::vector<double> samples) {
  if (samples.empty()) return std::nan("");
  std::ranges::sort(samples);
  const auto middle = samples.size() / 2;
  return samples.size() % 2 == 1 ? samples[middle] : (samples[middle - 1] + samples[middle]) / 2;
}

double median_of(const Result& result, const std::string& contender, const std::string& figure) {
  std::vector<double> samples;
  for (std::size_t run = 0; run < runs_of(result, contender); ++run)
    if (const auto value = figure_of(result, contender, figure, run)) samples.push_back(*value);
  return median(std::move(samples));
}

bool Judged::is_met() const {
  if (!is_measured()) return false;
  return bar.sense == Bar::Sense::at_least ? value >= bar.limit : value <= bar.limit;
}

std::vector<Judged> judge(const Result& result) {
  std::vector<Judged> all;
  for (const auto& bar : result.workload->bars) {
    const Judged judged{bar, value_of(result, bar)};
    if (judged.is_measured()) all.push_back(judged);
  }
  return all;
}

void print(std::ostream& out, const Result& result) {
  const auto& workload = *result.workload;
  fmt::print(out, "\n{:<36}", workload.title);
  for (const auto& column : workload.columns) fmt::print(out, " {:>15}", column.heading);
  fmt::print(out, "\n");
  for (const auto& name : workload.contenders) {
    const auto outcome = result.outcomes.find(name);
    if (outcome == result.outcomes.end()) continue;
    fmt::print(out, "  {:<34}", name);
    for (const auto& column : workload.columns)
      fmt::print(out, " {:>15.{}f}", median_of(result, name, column.figure) * column.scale, column.digits);
    fmt::print(out, "\n");
    if (!outcome->second.failure.empty()) fmt::print(out, "    failed: {}\n", outcome->second.failure);
  }
  for (const auto& judged : judge(result)) fmt::print(out, "{}\n", bar_line(judged));
  out.flush();
}

void print_summary(std::ostream& out, const std::vector<Result>& results) {
  std::size_t met = 0;
  std::vector<std::string> missed;
  for (const auto& result : results)
    for (const auto& judged : judge(result)) {
      if (judged.bar.sense == Bar::Sense::reported) continue;
      if (judged.is_met())
        ++met;
      else
        missed.push_back(fmt::format("  {}: {}", result.workload->title, bar_line(judged)));
    }
  fmt::print(out, "\n{} bars met, {} missed\n", met, missed.size());
  for (const auto& line : missed) fmt::print(out, "{}\n", line);
}

nlohmann::json to_json(const Result& result) {
  nlohmann::json json = {{"id", result.workload->id}, {"title", result.workload->title}};
  for (const auto& [name, outcome] : result.outcomes) {
    auto& contender = json["contenders"][name];
    if (!outcome.failure.empty()) contender["failure"] = outcome.failure;
    contender["runs"] = nlohmann::json::array();
    for (const auto& run : outcome.runs) contender["runs"].push_back(run ? nlohmann::json(*run) : nlohmann::json());
    for (const auto& run : outcome.runs)
      if (run)
        for (const auto& [figure, value] : *run) contender["median"][figure] = median_of(result, name, figure);
  }
  json["bars"] = nlohmann::json::array();
  for (const auto& judged : judge(result)) {
    const bool reported = judged.bar.sense == Bar::Sense::reported;
    nlohmann::json bar = {{"contender", judged.bar.contender}, {"figure", judged.bar.figure}, {"value", judged.value}};
    if (!judged.bar.against.empty()) bar["against"] = judged.bar.against;
    if (!reported) bar["limit"] = limit_text(judged.bar);
    if (!reported) bar["met"] = judged.is_met();
    json["bars"].push_back(std::move(bar));
  }
  return json;
}

}  // namespace hubbub::bench
