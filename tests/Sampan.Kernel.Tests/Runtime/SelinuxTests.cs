using System.Diagnostics;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>SELinux labels, where the kernel runs SELinux: that of the guest does if it is told to. <c>selinux.conf</c> is loaded, unless the machine has a policy.</summary>
[Trait("guest", "long")]
public sealed class SelinuxTests : IDisposable
{
    private const string Directory = "/sys/fs/selinux";
    private const string ProcessLabel = "base_u:base_r:container_t";
    private const string FileLabel = "base_u:object_r:container_file_t";

    private readonly OciBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    private void Load()
    {
        Assert.SkipUnless(File.Exists(Directory + "/enforce"), "this kernel does not run SELinux");
        Assert.SkipUnless(Environment.GetEnvironmentVariable("GUEST") is not null, "the policy is loaded into a guest's kernel only");
        if (File.ReadAllText("/proc/self/attr/current").StartsWith("base_u:", StringComparison.Ordinal))
            return;
        var policy = _bundle.Location + "/policy";
        using var compiler = Process.Start("checkpolicy", ["-U", "allow", "-o", policy, Path.Combine(AppContext.BaseDirectory, "selinux.conf")]).ShouldNotBeNull();
        compiler.WaitForExit(60_000).ShouldBeTrue();
        compiler.ExitCode.ShouldBe(0);
        // The kernel takes a policy in one write.
        using var load = new FileStream(Directory + "/load", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        load.Write(File.ReadAllBytes(policy));
    }

    private RuntimeSpec Labelled(string script)
    {
        var spec = _bundle.Spec(script);
        return spec with
        {
            Process = spec.Process.ShouldNotBeNull() with { SelinuxLabel = ProcessLabel },
            Linux = spec.Linux.ShouldNotBeNull() with { MountLabel = FileLabel },
        };
    }

    [Fact]
    public void The_first_process_and_its_file_systems_in_memory_have_the_labels_given()
    {
        Load();
        var (code, output, error) = _bundle.Run(Labelled("cat /proc/self/attr/current; echo; while read -r line; do case $line in *' /dev tmpfs '*) echo $line;; esac; done < /proc/mounts"));
        code.ShouldBe(0, error);
        var lines = output.Replace("\0", "", StringComparison.Ordinal).Split('\n');
        lines[0].ShouldBe(ProcessLabel);
        lines[1].ShouldContain("context=" + FileLabel);
    }

    [Fact]
    public void A_process_that_enters_has_the_label_given_and_one_that_the_policy_does_not_know_is_an_error()
    {
        Load();
        _bundle.Write(Labelled("sleep 1000"));
        _bundle.Call("run", "--detach", "--bundle", _bundle.Location, _bundle.Id).Code.ShouldBe(0);
        try
        {
            var (code, output, error) = _bundle.Call("exec", _bundle.Id, "cat", "/proc/self/attr/current");
            (code, output.TrimEnd('\0')).ShouldBe((0, ProcessLabel), error);
            (code, _, error) = _bundle.Call("exec", "--process-label", "base_u:base_r:nobody_t", _bundle.Id, "true");
            code.ShouldNotBe(0);
            error.ShouldContain("selinux label 'base_u:base_r:nobody_t'");
        }
        finally
        {
            _bundle.Call("delete", "--force", _bundle.Id).Code.ShouldBe(0);
        }
    }
}
