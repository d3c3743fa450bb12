using System.Diagnostics;
using System.Net.Sockets;
using Sampan.Linux;
using Sampan.Linux.Seccomp;

namespace Sampan.Kernel.Tests.Seccomp;

/// <summary>The real kernel takes the program and acts on it: on one thread of ours, and in the programs that thread starts.</summary>
public sealed class SeccompInstallTests
{
    private static readonly CapabilitySet Usual = CapabilitySet.Of(Capability.Chown, Capability.SysChroot, Capability.Kill, Capability.NetRaw);

    private static SeccompProgram Default(CapabilitySet granted) =>
        SeccompProgram.Compile(DefaultProfile.For(granted, SeccompArchitectures.Native, Environment.OSVersion.Version));

    [Fact]
    public void A_filtered_program_works_but_makes_no_namespace() => OnFilteredThread(Default(Usual), () =>
    {
        Run("echo hello; cat /proc/self/status | grep ^Seccomp:").ShouldBe((0, "hello\nSeccomp:\t2\n"));
        Run("unshare --mount true 2>&1").Output.ShouldContain("not permitted");
        Run("mount -t tmpfs none /mnt 2>&1").Code.ShouldNotBe(0);
    });

    [Fact]
    public void With_the_capability_the_same_calls_pass()
    {
        Assert.SkipUnless(ProcessCapabilities.ReadPermitted().Contains(Capability.SysAdmin), "needs CAP_SYS_ADMIN");
        OnFilteredThread(Default(Usual.With(Capability.SysAdmin)), () => Run("unshare --mount true 2>&1").ShouldBe((0, "")));
    }

    [Trait("guest", "long")]
    [Fact]
    public void Sockets_of_usual_families_pass_and_AF_ALG_does_not() => OnFilteredThread(Default(Usual), () =>
    {
        new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp).Dispose();
        new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified).Dispose();
        const string alg = "import socket\ntry:\n  socket.socket(38, 5)\nexcept OSError as e:\n  print(e.errno)";
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "needs python3");
        Run($"python3 -c '{alg}'").ShouldBe((0, "1\n"));
    });

    [Fact]
    public void A_killing_action_kills()
    {
        var profile = new SeccompProfile
        {
            DefaultAction = SeccompAction.Allow,
            Rules = [new SeccompRule { Names = ["mkdir", "mkdirat"], Action = SeccompAction.KillProcess }],
        };
        OnFilteredThread(SeccompProgram.Compile(profile), () =>
        {
            Run("exec true").Code.ShouldBe(0);
            Run("exec mkdir /tmp/never-made-by-this-test").Code.ShouldBe(128 + 31); // SIGSYS
        });
        Directory.Exists("/tmp/never-made-by-this-test").ShouldBeFalse();
    }

    [Fact]
    public void Arguments_are_compared_by_the_kernel_as_by_us()
    {
        var profile = new SeccompProfile
        {
            DefaultAction = SeccompAction.Allow,
            Rules = [new SeccompRule { Names = ["kill"], Action = SeccompAction.Fail(Errno.ENOTTY), Conditions = [new SeccompCondition(1, SeccompComparison.MaskedEqual, 0, 0xfffffffe)] }],
        };
        OnFilteredThread(SeccompProgram.Compile(profile), () =>
        {
            Run("kill -0 $$ 2>&1").Output.ShouldContain("Inappropriate ioctl");
            Run("trap 'echo caught' USR1; kill -USR1 $$").ShouldBe((0, "caught\n"));
        });
    }

    [Fact]
    public void A_listener_is_given_on_demand()
    {
        var profile = new SeccompProfile
        {
            DefaultAction = SeccompAction.Allow,
            Rules = [new SeccompRule { Names = ["kexec_load"], Action = SeccompAction.Notify }],
            Flags = SeccompFlags.NewListener,
        };
        OnThread(() =>
        {
            ProcessCapabilities.SetNoNewPrivileges();
            using var listener = SeccompProgram.Compile(profile).Install();
            File.ResolveLinkTarget(listener.ShouldNotBeNull().ProcPath, returnFinalTarget: false).ShouldNotBeNull().Name.ShouldContain("seccomp notify");
        });
    }

    [Fact]
    public void CVE_2022_24769_inheritable_capabilities_are_empty_unless_asked_for() => OnThread(() =>
    {
        var held = ProcessCapabilities.ReadPermitted();
        Assert.SkipUnless(held.Contains(Capability.Setpcap) && held.Contains(Capability.Chown), "needs CAP_SETPCAP and CAP_CHOWN");
        var keep = CapabilitySet.Of(Capability.Chown);
        ProcessCapabilities.DropBounding(keep);
        ProcessCapabilities.Set(keep, keep);
        ProcessCapabilities.Read().ShouldBe((keep, keep, CapabilitySet.None));
        ProcessCapabilities.ReadBounding().ShouldBe(keep);
        ProcessCapabilities.ReadAmbient().IsEmpty.ShouldBeTrue();
        Run("grep -E '^Cap(Inh|Prm|Bnd|Amb)' /proc/self/status").Output.ShouldBe("CapInh:\t0000000000000000\nCapPrm:\t0000000000000001\nCapBnd:\t0000000000000001\nCapAmb:\t0000000000000000\n");
        Should.Throw<LinuxException>(() => ProcessCapabilities.Set(held, held)).Errno.ShouldBe(Errno.EPERM);
    });

    [Fact]
    public void Ambient_capabilities_must_be_inheritable() => OnThread(() =>
    {
        Assert.SkipUnless(ProcessCapabilities.ReadPermitted().Contains(Capability.Chown), "needs CAP_CHOWN");
        var set = CapabilitySet.Of(Capability.Chown);
        ProcessCapabilities.Set(set, set, set);
        ProcessCapabilities.SetAmbient(set);
        ProcessCapabilities.ReadAmbient().ShouldBe(set);
        ProcessCapabilities.SetAmbient(CapabilitySet.None);
        ProcessCapabilities.ReadAmbient().IsEmpty.ShouldBeTrue();
        Should.Throw<LinuxException>(() => ProcessCapabilities.SetAmbient(CapabilitySet.Of(Capability.Kill))).Errno.ShouldBe(Errno.EPERM);
    });

    private static void OnFilteredThread(SeccompProgram program, Action body) => OnThread(() =>
    {
        ProcessCapabilities.SetNoNewPrivileges();
        program.Install().ShouldBeNull();
        body();
    });

    private static void OnThread(Action body)
    {
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception caught)
            {
                failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(caught);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private static (int Code, string Output) Run(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { UseShellExecute = false, RedirectStandardOutput = true }).ShouldNotBeNull();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
