/* SPDX-License-Identifier: BSD-3-Clause */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uk/test.h>

UK_TEST(console, test_standard_descriptors_are_one_terminal)
{
	struct stat st;

	for (int fd = 0; fd < 3; fd++) {
		UK_EXPECT(isatty(fd));
		UK_EXPECT_EQ(fstat(fd, &st), 0);
		UK_EXPECT(S_ISCHR(st.st_mode));
	}
}

/* TAP takes lines that begin with a number sign for comments */
UK_TEST(console, test_output_is_written_and_ready)
{
	static const char text[] = "# the console speaks\n";
	struct pollfd p = { .fd = 1, .events = POLLOUT };

	UK_EXPECT_EQ(write(1, text, strlen(text)), strlen(text));
	UK_EXPECT_EQ(poll(&p, 1, 0), 1);
	UK_EXPECT_EQ(p.revents, POLLOUT);
	UK_EXPECT_EQ(printf("# and printf(), %.1f\n", 0.5), 20);
	UK_EXPECT_EQ(fflush(stdout), 0);
}

UK_TEST(console, test_seek_is_refused)
{
	UK_EXPECT_EQ(lseek(1, 0, SEEK_CUR), -1);
}
