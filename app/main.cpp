// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line.h"
#include "models/workspace/workspace.h"

int main(int argc, char** argv) {
    const int code = pilothouse::app::runProgram(argc, argv);
    pilothouse::workspace::Workspace::awaitClosed();
    return code;
}
