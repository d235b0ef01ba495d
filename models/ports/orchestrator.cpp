// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/ports/orchestrator.h"

namespace pilothouse::ports {

const char* toString(RunState state) {
    switch (state) {
        case RunState::Queued:
            return "queued";
        case RunState::Running:
            return "running";
        case RunState::Succeeded:
            return "succeeded";
        case RunState::Failed:
            return "failed";
        case RunState::Refused:
            return "refused";
        case RunState::Cancelled:
            return "cancelled";
    }
    return "";
}

const char* toString(TaskState state) {
    switch (state) {
        case TaskState::Waiting:
            return "waiting";
        case TaskState::Running:
            return "running";
        case TaskState::Succeeded:
            return "succeeded";
        case TaskState::Failed:
            return "failed";
        case TaskState::Refused:
            return "refused";
        case TaskState::Skipped:
            return "skipped";
        case TaskState::Cancelled:
            return "cancelled";
    }
    return "";
}

std::optional<RunState> runStateFrom(std::string_view text) {
    for (int i = 0; i <= static_cast<int>(RunState::Cancelled); ++i)
        if (text == toString(static_cast<RunState>(i))) return static_cast<RunState>(i);
    return {};
}

std::optional<TaskState> taskStateFrom(std::string_view text) {
    for (int i = 0; i <= static_cast<int>(TaskState::Cancelled); ++i)
        if (text == toString(static_cast<TaskState>(i))) return static_cast<TaskState>(i);
    return {};
}

}  // namespace pilothouse::ports
