// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

const char* toString(State state) {
    switch (state) {
        case State::Ok:
            return "ok";
        case State::Drift:
            return "drift";
        case State::Insufficient:
            return "insufficient";
        case State::Unavailable:
            return "unavailable";
    }
    return "unavailable";
}

State stateFrom(std::string_view text) {
    for (const State state : {State::Ok, State::Drift, State::Insufficient})
        if (text == toString(state)) return state;
    return State::Unavailable;
}

}  // namespace pilothouse::statistics
