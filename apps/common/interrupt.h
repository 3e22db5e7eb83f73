#pragma once

namespace callosum::app {

/// From now on the first SIGINT, SIGTERM or SIGUSR1 only asks for the end; the second ends the
/// program.
void watch_for_interrupt();
bool interrupted();

}  // namespace callosum::app
