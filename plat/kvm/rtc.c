/* SPDX-License-Identifier: BSD-3-Clause */
/* The battery-backed clock of a PC: Motorola MC146818 and its successors. */
#include <string.h>

#include <uk/util.h>

#include "kvm.h"
#include "x86.h"

#define RTC_INDEX 0x70
#define RTC_DATA 0x71

#define RTC_SECOND 0x00
#define RTC_MINUTE 0x02
#define RTC_HOUR 0x04
#define RTC_DAY 0x07
#define RTC_MONTH 0x08
#define RTC_YEAR 0x09
#define RTC_STATUS_B 0x0b

#define B_24H 0x02
#define B_BINARY 0x04
#define HOUR_PM 0x80

/* Two equal readings in a row were not torn by an update; one per second */
#define MAX_READINGS 5

struct reading {
	uint8_t second, minute, hour, day, month, year, status_b;
};

static uint8_t get(uint8_t reg)
{
	x86_out8(RTC_INDEX, reg);
	return x86_in8(RTC_DATA);
}

static void read_once(struct reading *r)
{
	r->second = get(RTC_SECOND);
	r->minute = get(RTC_MINUTE);
	r->hour = get(RTC_HOUR);
	r->day = get(RTC_DAY);
	r->month = get(RTC_MONTH);
	r->year = get(RTC_YEAR);
	r->status_b = get(RTC_STATUS_B);
}

static unsigned int number(const struct reading *r, uint8_t v)
{
	return r->status_b & B_BINARY ? v : (v >> 4) * 10U + (v & 15U);
}

/* Days from 1970-01-01 to a day of the Gregorian calendar. Years are counted
 * from March on, so that the leap day comes last. */
static uint64_t days(unsigned int year, unsigned int month, unsigned int day)
{
	if (month < 3) {
		year--;
		month += 12;
	}
	return 365UL * year + year / 4 - year / 100 + year / 400 + (153 * month - 457) / 5 + day -
	       719469;
}

uint64_t rtc_read_ns(void)
{
	struct reading r, again;
	unsigned int hour, month, day;
	uint64_t s;

	read_once(&again);
	for (unsigned int i = 0; i < MAX_READINGS; i++) {
		r = again;
		read_once(&again);
		if (!memcmp(&r, &again, sizeof(r)))
			break;
	}
	month = number(&r, r.month);
	day = number(&r, r.day);
	/* Ports without a clock behind them read as ones */
	if (month < 1 || month > 12 || day < 1 || day > 31)
		return 0;
	hour = number(&r, r.hour & ~HOUR_PM);
	if (!(r.status_b & B_24H))
		hour = hour % 12 + (r.hour & HOUR_PM ? 12 : 0);
	s = days(2000 + number(&r, r.year), month, day) * 86400;
	s += hour * 3600 + number(&r, r.minute) * 60 + number(&r, r.second);
	return s * UK_NSEC_PER_SEC;
}
