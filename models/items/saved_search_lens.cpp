// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/items/saved_search_lens.h"

namespace pilothouse::items {

predictions::SavedSearch searchOf(const std::string& name, const LensState& state) {
    predictions::SavedSearch search{name, state.model, state.filters, state.range.fixed, {}};
    if (!state.range.fixed) search.last = state.range.last;
    return search;
}

LensState lensOf(const predictions::SavedSearch& search, LensState state) {
    if (!search.model.empty() && search.model != state.model) {
        state.model = search.model;
        state.version.clear();  // another model's
        state.compareWith.clear();
    }
    state.filters = search.filters;
    if (search.fixed) {
        state.range.fixed = search.fixed;
    } else if (search.last) {
        state.range = {{}, *search.last};
    }
    return state;
}

}  // namespace pilothouse::items
