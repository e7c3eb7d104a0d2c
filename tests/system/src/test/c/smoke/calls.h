#ifndef CALLS_H
#define CALLS_H

#include "smoke.h"

void calls_client(int fd);
void calls_server(int fd);
int addresses(void);
int stall(void);
int tables(void);

#endif
