/* SPDX-License-Identifier: MIT */
/* runs as: the user. Numbers as people read them. */
#include "shell/human.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void human_number(char *out, size_t size, const char *digits)
{
	(void)snprintf(out, size, "%s", digits);
}

void human_size(char *out, size_t size, const char *digits)
{
	static const char units[] = "KMGTPE";
	double amount = strtod(digits, NULL);
	const char *unit = units;

	if (amount < 1023.5) {
		(void)snprintf(out, size, "%.0f", amount);
		return;
	}
	/* What would be rounded to 1024 is 1 of the next unit. */
	for (amount /= 1024; amount >= 1023.5 && unit[1] != '\0'; unit++)
		amount /= 1024;
	(void)snprintf(out, size, amount < 9.95 ? "%.1f" : "%.0f", amount);
	if (strlen(out) > 2 && strcmp(out + strlen(out) - 2, ".0") == 0)
		out[strlen(out) - 2] = '\0';
	(void)snprintf(out + strlen(out), size - strlen(out), "%c", *unit);
}

void human_percent(char *out, size_t size, const char *digits)
{
	(void)snprintf(out, size, "%.0f%%", strtod(digits, NULL));
}

void human_minutes(char *out, size_t size, const char *digits)
{
	unsigned long long seconds = strtoull(digits, NULL, 10) / 1000000;

	(void)snprintf(out, size, "%llu:%02llu", seconds / 60, seconds % 60);
}

void human_span(char *out, size_t size, const char *digits)
{
	static const struct {
		unsigned long long most; /* seconds this unit is good for: below two of the next */
		unsigned seconds;
		char name;
	} units[] = { { 120, 1, 's' }, { 7200, 60, 'm' }, { 172800, 3600, 'h' }, { ~0ULL, 86400, 'd' } };
	unsigned long long span = strtoull(digits, NULL, 10);
	unsigned i = 0;

	while (span >= units[i].most && units[i].name != 'd')
		i++;
	(void)snprintf(out, size, "%llu%c", span / units[i].seconds, units[i].name);
}

void human_share(char *out, size_t size, human *show, const char *used, const char *most)
{
	size_t length;

	(void)snprintf(out, size, "-");
	if (used == NULL)
		return;
	show(out, size, used);
	length = strlen(out);
	if (most == NULL || length + 2 > size)
		return;
	out[length++] = '/';
	show(out + length, size - length, most);
}
