using System.Diagnostics;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Fields;

/// <summary>
/// Mounts made on the host after a container was, and mounts that the container makes: who sees them. The host is a mount namespace of the test's own, in
/// which the bundle's directory is a shared mount.
/// </summary>
[Trait("guest", "long")]
public sealed class PropagationTests : IDisposable
{
    private readonly OciBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    /// <summary>Runs the container, mounts on the host below the source and in the container, and tells what either sees of the other's.</summary>
    private string Observe(string source, string inContainer)
    {
        var script = $$"""
            set -e
            r() { "{{_bundle.Program}}" --root "{{_bundle.Location}}/state" "$@"; }
            mount --bind {{_bundle.Location}} {{_bundle.Location}}
            mount --make-shared {{_bundle.Location}}
            cd {{_bundle.Location}}
            mkdir -p {{source}}/host {{source}}/own
            r run --detach --bundle . {{_bundle.Id}} </dev/null >/dev/null
            mount -t tmpfs of-the-host {{source}}/host
            r exec {{_bundle.Id}} mount -t tmpfs of-the-container {{inContainer}}/own
            grep -q of-the-container /proc/self/mountinfo && echo host sees
            r exec {{_bundle.Id}} grep -q of-the-host /proc/self/mountinfo && echo container sees
            r delete --force {{_bundle.Id}}
            """;
        using var process = Process.Start(new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", "/bin/sh", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false }).ShouldNotBeNull();
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + error.GetAwaiter().GetResult();
    }

    private RuntimeSpec Mounting()
    {
        var spec = _bundle.Spec("").WithProcess(process => process with { Args = ["/bin/sleep", "10000"] });
        string[] capabilities = ["CAP_SYS_ADMIN"];
        return spec.WithProcess(process => process with { Capabilities = new CapabilitySets { Bounding = capabilities, Effective = capabilities, Permitted = capabilities } });
    }

    [Theory]
    [InlineData("rshared", "host sees\ncontainer sees\n")]
    [InlineData("shared", "host sees\ncontainer sees\n")]
    [InlineData("rslave", "container sees\n")]
    [InlineData("slave", "container sees\n")]
    [InlineData("rprivate", "")]
    [InlineData("private", "")]
    [InlineData(null, "")]
    public void A_bind_shares_as_it_is_asked_to(string? propagation, string seen)
    {
        var volume = Directory.CreateDirectory(_bundle.Location + "/volume").FullName;
        string[] options = propagation is null ? ["rbind"] : ["rbind", propagation];
        var spec = Mounting();
        _bundle.Write(spec with { Mounts = [.. spec.Mounts, new Mount { Destination = "/data", Type = "bind", Source = volume, Options = options }] });
        Observe("volume", "/data").ShouldBe(seen);
    }

    [Theory]
    [InlineData("shared", "")]
    [InlineData("rshared", "")]
    [InlineData("slave", "container sees\n")]
    [InlineData("rslave", "container sees\n")]
    [InlineData("private", "")]
    [InlineData("unbindable", "")]
    [InlineData(null, "")]
    public void The_root_follows_the_host_if_it_is_asked_to_and_never_leads_it(string? propagation, string seen)
    {
        var spec = Mounting();
        _bundle.Write(spec with { Linux = spec.Linux! with { RootfsPropagation = propagation } });
        Observe("rootfs", "").ShouldBe(seen);
    }
}
