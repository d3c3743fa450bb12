using Sampan.Build.Execution;
using Sampan.Build.Parsing;

namespace Sampan.Build.Tests;

public sealed class FileModesTests
{
    [Theory]
    [InlineData("0755", "0644", false, "0755")]
    [InlineData("4755", "0644", false, "4755")]
    [InlineData("u=rwX,go=rX", "0600", false, "0644")]
    [InlineData("u=rwX,go=rX", "0700", false, "0755")]
    [InlineData("u=rwX,go=rX", "0600", true, "0755")]
    [InlineData("+x", "0644", false, "0755")]
    [InlineData("go-rwx", "0755", false, "0700")]
    [InlineData("u+s,+t", "0755", false, "5755")]
    [InlineData("g=u", "0640", false, "0660")]
    [InlineData("go=u,o-w", "0640", false, "0664")]
    [InlineData("u=rw+x,o+g", "0040", false, "0744")]
    public void Permissions_are_changed_as_chmod_does(string change, string before, bool isDirectory, string after) =>
        FileModes.Parse(change, default)((UnixFileMode)Convert.ToInt32(before, 8), isDirectory).ShouldBe((UnixFileMode)Convert.ToInt32(after, 8));

    [Theory]
    [InlineData("")]
    [InlineData("0888")]
    [InlineData("77777")]
    [InlineData("u~x")]
    [InlineData("q=r")]
    [InlineData("g=ur")]
    [InlineData("g")]
    public void What_is_neither_octal_nor_symbolic_is_refused(string change) => Should.Throw<DockerfileException>(() => FileModes.Parse(change, default));
}
