/* The digest of the sources this library was compiled from. */
#include "native.h"

EXPORT const char *curate_source_digest(void) { return CURATE_SOURCE_DIGEST; }
