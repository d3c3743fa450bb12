using System.Diagnostics;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>AppArmor profiles, where the kernel has AppArmor: that of the guest does.</summary>
public sealed class AppArmorTests : IDisposable
{
    private const string Switch = "/sys/module/apparmor/parameters/enabled";

    private readonly string _name = "sampan-test-" + Guid.NewGuid().ToString("n")[..8];
    private readonly OciBundle _bundle = new();

    private string ProfilePath => _bundle.Location + "/profile";

    public void Dispose()
    {
        if (File.Exists(ProfilePath))
            Parser("--remove");
        _bundle.Dispose();
    }

    private void Load()
    {
        Assert.SkipUnless(File.Exists(Switch) && File.ReadAllText(Switch).StartsWith('Y'), "this kernel has no AppArmor, or does not use it");
        Assert.SkipUnless(Directory.Exists("/sys/kernel/security/apparmor"), "securityfs is not mounted: no profile can be loaded");
        Assert.SkipUnless(Parsers.Any(File.Exists), "apparmor_parser is missing: install apparmor");
        File.WriteAllText(ProfilePath, $$"""
            profile {{_name}} flags=(attach_disconnected,mediate_deleted) {
              file,
              capability,
              network,
              signal,
              deny /tmp/denied r,
            }

            """);
        Parser("--replace");
    }

    private static IEnumerable<string> Parsers => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(directory => directory + "/apparmor_parser");

    private void Parser(string action)
    {
        using var parser = Process.Start("apparmor_parser", [action, "--skip-cache", ProfilePath]).ShouldNotBeNull();
        parser.WaitForExit(60_000).ShouldBeTrue();
        parser.ExitCode.ShouldBe(0);
    }

    private Sampan.Oci.Runtime.RuntimeSpec Confined(string profile, string script)
    {
        var spec = _bundle.Spec(script);
        return spec with { Process = spec.Process.ShouldNotBeNull() with { ApparmorProfile = profile } };
    }

    [Fact]
    public void The_profile_is_in_force_for_the_first_process_and_for_exec()
    {
        Load();
        const string script = "cat /proc/self/attr/current; cat /tmp/allowed; cat /tmp/denied";
        File.WriteAllText(_bundle.Rootfs + "/tmp/denied", "denied");
        File.WriteAllText(_bundle.Rootfs + "/tmp/allowed", "allowed");
        var (_, output, error) = _bundle.Run(Confined(_name, script));
        output.ShouldBe($"{_name} (enforce)\nallowed", error);
        error.ShouldContain("Permission denied");

        _bundle.Write(Confined(_name, "sleep 1000"));
        _bundle.Call("run", "--detach", "--bundle", _bundle.Location, _bundle.Id).Code.ShouldBe(0);
        try
        {
            (_, output, error) = _bundle.Call("exec", _bundle.Id, "/bin/sh", "-c", script);
            output.ShouldBe($"{_name} (enforce)\nallowed", error);
            error.ShouldContain("Permission denied");
        }
        finally
        {
            _bundle.Call("delete", "--force", _bundle.Id).Code.ShouldBe(0);
        }
    }

    [Fact]
    public void A_profile_that_is_not_loaded_is_an_error_that_names_it()
    {
        Load();
        var (code, _, error) = _bundle.Run(Confined("sampan-no-such-profile", "true"));
        code.ShouldNotBe(0);
        error.ShouldContain("apparmor profile");
        error.ShouldContain("sampan-no-such-profile");
    }
}
