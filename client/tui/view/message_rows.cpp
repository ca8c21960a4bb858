#include "client/tui/view/message_rows.hpp"

#include <iterator>

#include "client/json/pretty.hpp"
#include "client/tui/text/cells.hpp"
#include "client/tui/view/theme.hpp"
#include "client/tui/view/thread_rows.hpp"
#include "client/tui/view/time_text.hpp"

namespace hubbub::tui {

namespace {

constexpr int columns_with_clock = 40;  // narrower, the clock would take a good part of each row

Run rule(std::string_view label, int width, const Style& style) {
  Run run(2, Cell{"─", 1, style});
  append(run, " " + std::string(label) + " ", style);
  run = shorten(run, width);
  while (width_of(run) < width) run.push_back({"─", 1, style});
  return run;
}

std::string signed_name(const Entry& entry) { return (entry.verified ? "" : "~") + entry.from; }

Style name_style(const State& state, const Entry& entry) {
  if (entry.mention) return Style{.fg = 3, .bold = true, .reverse = true};
  auto style = theme::of_name(entry.from, state.config.colours);
  style.bold = entry.from == state.self.str();
  return style;
}

Style text_style(const Entry& entry) {
  if (entry.fate == Fate::sending) return theme::dim;
  switch (entry.kind) {
    case EntryKind::note: return theme::note;
    case EntryKind::trouble: return theme::trouble;
    case EntryKind::notice: return theme::notice;
    case EntryKind::data: return theme::dim;
    default: return entry.mention ? theme::bold : theme::plain;
  }
}

// Where people pick messages by number.
void add_number(const State& state, const Room& room, const Entry& entry, Run& lead) {
  const bool counts = entry.is_numbered() && entry.life == room.life;
  if (!counts || (!state.numbers && !state.selecting)) return;
  const bool chosen = state.selecting && state.selecting->chosen == entry.id;
  append(lead, std::to_string(entry.seq.value), chosen ? theme::found : theme::dim);
  append(lead, " ");
}

// What stands before the text.
Run lead_of(const State& state, const Room& room, const Entry& entry, int width) {
  const auto& clock = room.looked_at == entry.id ? theme::found : theme::dim;
  Run lead;
  add_number(state, room, entry, lead);
  if (width >= columns_with_clock) append(lead, clock_text(entry.time) + " ", clock);
  const auto named = [&](std::string_view before, std::string_view after) {
    append(lead, before, theme::dim);
    append(lead, signed_name(entry), name_style(state, entry));
    if (!entry.via.empty()) append(lead, " via " + entry.via, theme::dim);
    append(lead, after, theme::dim);
  };
  switch (entry.kind) {
    case EntryKind::text: named("<", "> "); break;
    case EntryKind::action: named("* ", " "); break;
    case EntryKind::notice:
    case EntryKind::data: named("-", "- "); break;
    case EntryKind::note: append(lead, "-- ", theme::note); break;
    case EntryKind::trouble: append(lead, "!! ", theme::trouble); break;
  }
  return lead;
}

void add_tail(const Entry& entry, Run& run) {
  if (entry.first_text) append(run, " (edited)", theme::dim);
  if (!entry.pinned_by.empty()) append(run, " (pinned by " + entry.pinned_by + ")", theme::dim);
  if (entry.fate == Fate::sending) append(run, " …", theme::dim);
  if (entry.fate == Fate::failed) append(run, " (not sent: " + entry.failure + ")", theme::trouble);
}

void indent(std::vector<Run>& lines, std::size_t from, int columns) {
  for (std::size_t i = from; i < lines.size(); ++i)
    lines[i].insert(lines[i].begin(), static_cast<std::size_t>(columns), Cell{});
}

// The first line of the text beside the lead; or, where the lead takes too much of the row, as if the lead were text.
std::vector<Run> first_rows(const Run& lead, const Run& text, int width, int columns) {
  std::vector<Run> rows;
  if (width_of(lead) == columns) {
    rows = wrap(text, width - columns, width - columns);
    rows.front().insert(rows.front().begin(), lead.begin(), lead.end());
  } else {
    auto whole = lead;
    append(whole, text);
    rows = wrap(whole, width, width - columns);
  }
  indent(rows, 1, columns);
  return rows;
}

std::vector<Run> other_rows(const Run& text, int width, int columns) {
  auto rows = wrap(text, width - columns, width - columns);
  indent(rows, 0, columns);
  return rows;
}

// Says what of the message isn't shown, if anything isn't.
void cut_rows(const Entry& entry, int width, int columns, std::vector<Run>& rows) {
  const bool too_many = rows.size() > rows_of_message_max;
  const bool is_cut = entry.bytes_left_out > 0 && entry.redacted.empty();
  if (!too_many && !is_cut) return;
  std::string more;
  if (too_many) more = std::to_string(rows.size() - rows_of_message_max + 1) + " rows";
  if (too_many) rows.resize(rows_of_message_max - 1);
  if (is_cut) more += (too_many ? " and " : "") + std::to_string(entry.bytes_left_out) + " bytes";
  Run run = cells_of("… and " + more + " more", text_style(entry));
  add_tail(entry, run);
  for (auto& row : other_rows(run, width, columns)) rows.push_back(std::move(row));
}

Run run_of(const json::PrettyLine& line, const Style& style) {
  Run run(line.indent, Cell{});
  if (!line.key.empty()) append(run, line.key, theme::key);
  if (!line.key.empty()) append(run, ": ", style);
  append(run, line.value, style);
  if (line.comma) append(run, ",", style);
  return run;
}

std::vector<Run> laid_out(const Entry& entry) {
  std::vector<Run> runs;
  std::size_t lines = 0;
  json::each_pretty_line(entry.text, [&](const json::PrettyLine& line) {
    if (++lines <= json_lines_max) runs.push_back(run_of(line, text_style(entry)));
    return true;
  });
  if (lines <= json_lines_max) return runs;
  const auto more = lines - json_lines_max;
  runs.push_back(cells_of("… " + std::to_string(more) + (more == 1 ? " more line" : " more lines"), theme::dim));
  return runs;
}

/// JSON that is longer than a line is laid out over lines.
std::vector<Run> runs_of(const Entry& entry, int columns) {
  if (entry.standing == link::Standing::redacted) return {cells_of(entry.redacted, theme::dim)};
  std::vector<Run> runs;
  for (const auto line : lines_of(entry.text)) runs.push_back(cells_of(line, text_style(entry)));
  const bool is_long = runs.size() > 1 || width_of(runs.front()) > columns;
  return entry.is_json && is_long ? laid_out(entry) : runs;
}

/// `👍 2 · [🎉 1]`: in brackets what whoever types here has said, too.
void add_reactions(const Entry& entry, int width, int columns, std::vector<Run>& rows) {
  if (entry.reactions.empty()) return;
  Run run;
  const auto shown = std::min(entry.reactions.size(), reactions_shown_max);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [what, people, own] = entry.reactions[i];
    if (i > 0) append(run, " · ", theme::dim);
    const auto text = what + " " + std::to_string(people);
    append(run, own ? "[" + text + "]" : text, own ? theme::bold : theme::note);
  }
  if (shown < entry.reactions.size())
    append(run, " · … " + std::to_string(entry.reactions.size() - shown) + " more", theme::dim);
  for (auto& row : other_rows(run, width, columns)) rows.push_back(std::move(row));
}

void add_message(const State& state, const Room& room, const Entry& entry, int width, std::vector<Run>& rows) {
  const auto lead = lead_of(state, room, entry, width);
  const auto columns = width_of(lead) <= width / 2 ? width_of(lead) : 2;
  const auto runs = runs_of(entry, width - columns);
  std::vector<Run> message;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Run run = cells_of(i == 0 ? answer_mark(room, entry) : std::string(), theme::dim);
    run.insert(run.end(), runs[i].begin(), runs[i].end());
    if (i + 1 == runs.size() && (entry.bytes_left_out == 0 || !entry.redacted.empty())) add_tail(entry, run);
    auto more = i == 0 ? first_rows(lead, run, width, columns) : other_rows(run, width, columns);
    message.insert(message.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  cut_rows(entry, width, columns, message);
  add_reactions(entry, width, columns, message);
  rows.insert(rows.end(), std::make_move_iterator(message.begin()), std::make_move_iterator(message.end()));
}

bool is_first_of_day(const Shown& shown, std::size_t at) {
  return at == 0 || day_of(shown.item(at).time) != day_of(shown.item(at - 1).time);
}

bool is_first_unread(const Room& room, const Shown& shown, std::size_t at) {
  const auto is_unread = [&](const Entry& entry) { return entry.is_numbered() && entry.position() > *room.line; };
  if (!room.line || !is_unread(shown.item(at))) return false;
  while (at-- > 0)
    if (shown.item(at).is_numbered()) return !is_unread(shown.item(at));
  return true;
}

void add_hole(const Shown& shown, std::size_t at, int width, std::vector<Run>& rows) {
  const auto* hole = shown.hole_before(at);
  if (hole == nullptr) return;
  const auto count = hole->last.value - hole->first.value + 1;
  rows.push_back(
      rule(std::to_string(count) + (count == 1 ? " message" : " messages") + " not fetched yet", width, theme::note));
}

}  // namespace

std::vector<Run> rows_of(const State& state, const Room& room, const Shown& shown, std::size_t at, int width) {
  std::vector<Run> rows;
  const auto& entry = shown.item(at);
  add_hole(shown, at, width, rows);
  if (is_first_of_day(shown, at)) rows.push_back(rule(day_text(entry.time), width, theme::dim));
  if (is_first_unread(room, shown, at)) rows.push_back(rule("unread", width, theme::unread));
  add_message(state, room, entry, width, rows);
  if (auto row = thread_row(state, room, shown, at, width); !row.empty()) rows.push_back(std::move(row));
  return rows;
}

}  // namespace hubbub::tui
