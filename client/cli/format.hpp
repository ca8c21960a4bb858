// `--format`: what to write for each message, as text with places in it.
//   "{time:%H:%M} {from}: {body}" --parse--> pieces --Render--> bytes
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "client/cli/render.hpp"
#include "proto/status.hpp"

namespace hubbub::cli {

struct PlaceRow {
  std::string_view place;  ///< "{room}"
  std::string_view help;
};

/// For help and man page.
std::span<const PlaceRow> format_places();

/// `{place}` as in format_places(), `{{` and `}}` for braces, \n \t \r \e \0 \\ as in printf(1). The options' end
/// follows each message, unless the text ends in \c (as in echo).
/// Fails with invalid_argument and a sentence that names the places there are.
Result<Render> parse_format(std::string_view text, RenderOptions options);

}  // namespace hubbub::cli
