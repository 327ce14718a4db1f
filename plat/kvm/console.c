/* SPDX-License-Identifier: BSD-3-Clause */
/* The first serial port: a 16550 at its PC address. */
#include <uk/plat/console.h>

#include <stdbool.h>

#include <uk/util.h>

#include "kvm.h"
#include "native.h"
#include "x86.h"

#define COM1 0x3f8
#define COM1_ISA_IRQ 4

/* Registers, from COM1 on */
#define UART_DATA 0
#define UART_IER 1
#define UART_FCR 2
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
/* Under LCR_DIVISOR */
#define UART_DIVISOR_LOW 0
#define UART_DIVISOR_HIGH 1

#define IER_RX 0x01
#define FCR_FIFO_CLEAR 0x07
#define LCR_8N1 0x03
#define LCR_DIVISOR 0x80
#define MCR_DTR_RTS_OUT2 0x0b
#define LSR_RX_READY 0x01
#define LSR_TX_EMPTY 0x20
#define LSR_ALL_SENT 0x40

#define FIFO_BYTES 16
/* A port access takes about a microsecond: 100 ms */
#define PATIENCE 100000

static bool is_there;
static unsigned int fifo_room;
static void (*handler)(void *arg);
static void *handler_arg;

void console_init(void)
{
	/* Without a port all bits read as one; no line status has all */
	is_there = x86_in8(COM1 + UART_LSR) != 0xff;
	if (!is_there)
		return;
	x86_out8(COM1 + UART_IER, 0);
	x86_out8(COM1 + UART_LCR, LCR_DIVISOR);
	x86_out8(COM1 + UART_DIVISOR_LOW, 1);	/* 115200 */
	x86_out8(COM1 + UART_DIVISOR_HIGH, 0);
	x86_out8(COM1 + UART_LCR, LCR_8N1);
	x86_out8(COM1 + UART_FCR, FCR_FIFO_CLEAR);
	x86_out8(COM1 + UART_MCR, MCR_DTR_RTS_OUT2);
}

static bool wait_for(uint8_t status)
{
	for (unsigned int i = 0; i < PATIENCE; i++)
		if (x86_in8(COM1 + UART_LSR) & status)
			return true;
	return false;
}

/* Who does not drain for 100 ms would cost us as much again for each byte: from
 * then on only room that is there already is used. */
static void put(char c)
{
	static bool is_stuck;

	if (!fifo_room) {
		is_stuck = is_stuck ? !(x86_in8(COM1 + UART_LSR) & LSR_TX_EMPTY)
				    : !wait_for(LSR_TX_EMPTY);
		if (is_stuck)
			return;
		fifo_room = FIFO_BYTES;
	}
	fifo_room--;
	x86_out8(COM1 + UART_DATA, (uint8_t)c);
}

void uk_plat_console_write(const char *buf, size_t len)
{
	if (!is_there)
		return;
	while (len--) {
		if (*buf == '\n')
			put('\r');
		put(*buf++);
	}
}

ssize_t uk_plat_console_read(char *buf, size_t size)
{
	size_t n = 0;

	while (is_there && n < size && (x86_in8(COM1 + UART_LSR) & LSR_RX_READY))
		buf[n++] = (char)x86_in8(COM1 + UART_DATA);
	return (ssize_t)n;
}

static void on_irq(unsigned int irq uk_unused)
{
	if (handler)
		handler(handler_arg);
}

void uk_plat_console_set_handler(void (*fn)(void *arg), void *arg)
{
	handler = fn;
	handler_arg = arg;
	if (!is_there)
		return;
	native_irq_set(IRQ_SERIAL, on_irq);
	if (fn)
		ioapic_enable(COM1_ISA_IRQ, IRQ_SERIAL, false);
	x86_out8(COM1 + UART_IER, fn ? IER_RX : 0);
}

void uk_plat_console_flush(void)
{
	if (is_there)
		wait_for(LSR_ALL_SENT);
}
