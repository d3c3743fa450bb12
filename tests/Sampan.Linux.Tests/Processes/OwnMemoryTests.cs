using Sampan.Linux.Processes;

namespace Sampan.Linux.Tests.Processes;

public sealed class OwnMemoryTests
{
    [Theory]
    [InlineData("55d0c0a00000-55d0c0b00000 r-xp 00002000 fe:00 1234                       /usr/bin/x", true)]
    [InlineData("55d0c0a00000-55d0c0b00000 r--p 00002000 fe:00 1234                       /usr/bin/x", true)]
    [InlineData("55d0c0a00000-55d0c0b00000 rw-p 00002000 fe:00 1234                       /usr/bin/x", false)]
    [InlineData("55d0c0a00000-55d0c0b00000 r-xp 00002000 fe:00 1234                       /usr/lib/x y.so", true)]
    [InlineData("55d0c0a00000-55d0c0b00000 r-xp 00000000 00:00 0", false)]
    [InlineData("7fff00000000-7fff00001000 r-xp 00000000 00:00 0                          [vdso]", false)]
    [InlineData("", false)]
    [InlineData("zz-yy r-xp 0 0 0 /usr/bin/x", false)]
    public void Only_code_and_constants_of_files_count(string line, bool own) =>
        OwnMemory.TryParseReadOnly(line, out _, out _).ShouldBe(own);

    [Fact]
    public void Addresses_are_read_as_hexadecimal()
    {
        OwnMemory.TryParseReadOnly("1000-3000 r-xp 0 fe:00 1 /p", out var start, out var end).ShouldBeTrue();
        (start, end).ShouldBe(((nuint)0x1000, (nuint)0x3000));
    }

    [Theory]
    [InlineData("Anonymous:             0 kB", true, true)]
    [InlineData("Anonymous:             4 kB", true, false)]
    [InlineData("AnonHugePages:         0 kB", true, false)]
    [InlineData("55d0c0a00000-55d0c0b00000 r--p 00002000 fe:00 1234 /usr/bin/x: y", false, false)]
    public void What_was_written_is_not_given_back(string line, bool field, bool unwritten)
    {
        OwnMemory.IsField(line).ShouldBe(field);
        OwnMemory.IsUnwritten(line).ShouldBe(unwritten);
    }

    [Fact]
    public void A_program_runs_on_after_it_gave_its_code_back()
    {
        OwnMemory.Release();
        OwnMemory.Release();
        Enumerable.Range(0, 100).Sum().ShouldBe(4950);
    }
}
