namespace Sampan.Kernel.Tests.Runtime.Commands;

/// <summary>Keys of the kernel: a container has a session keyring of its own, those who enter share it.</summary>
[Trait("guest", "long")]
public sealed class KeyringTests : IDisposable
{
    private const string Keys = "cat /proc/keys";

    private readonly CommandBundle _bundle = new();

    public KeyringTests() => Assert.SkipUnless(File.Exists("/proc/keys"), "this kernel has no keyrings");

    public void Dispose() => _bundle.Dispose();

    private string Run(params string[] options)
    {
        var spec = _bundle.Spec("sh", "-c", Keys + "; sleep 10000");
        _bundle.Write(spec with { Linux = spec.Linux! with { MaskedPaths = [] } });
        _bundle.Run(["run", "--detach", .. options, "--bundle", _bundle.Base, _bundle.Id]).Code.ShouldBe(0);
        var (code, output, error) = _bundle.Run("exec", _bundle.Id, "sh", "-c", Keys);
        (code, error).ShouldBe((0, ""));
        return output;
    }

    private string Name => "_ses." + _bundle.Id;

    [Fact]
    public void Who_enters_joins_the_containers_keyring()
    {
        static string Serial(string keys, string name) => keys.Split('\n').Single(line => line.Contains(name, StringComparison.Ordinal)).Split(' ')[0];
        var first = Serial(Run(), Name);
        Serial(_bundle.Run("exec", _bundle.Id, "sh", "-c", Keys).Output, Name).ShouldBe(first, "another keyring was made");
    }

    [Fact]
    public void The_callers_keyring_is_kept_if_that_is_asked() => Run("--no-new-keyring").ShouldNotContain(Name);
}
