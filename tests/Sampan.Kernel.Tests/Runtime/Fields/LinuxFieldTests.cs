using System.Globalization;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Fields;

/// <summary>Members of <c>linux</c> and what a program sees of them.</summary>
[Trait("guest", "long")]
public sealed class LinuxFieldTests : IDisposable
{
    private readonly OciBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    private RuntimeSpec Linux(Func<LinuxSection, LinuxSection> change, string script)
    {
        var spec = _bundle.Spec(script);
        return spec with { Linux = change(spec.Linux!) };
    }

    private static LinuxSection WithTime(LinuxSection linux, params (string Clock, TimeOffset Offset)[] offsets) => linux with
    {
        Namespaces = [.. linux.Namespaces, new Namespace { Type = "time" }],
        TimeOffsets = offsets.ToDictionary(one => one.Clock, one => one.Offset),
    };

    [Fact]
    public void A_time_namespace_shows_its_clocks()
    {
        const long Offset = 1_000_000_000;
        var (code, output, error) = _bundle.Run(Linux(linux => WithTime(linux, ("boottime", new TimeOffset { Secs = Offset }), ("monotonic", new TimeOffset { Secs = 86_400, Nanosecs = 5 })), "cat /proc/uptime /proc/self/timens_offsets"));
        (code, error).ShouldBe((0, ""));
        double.Parse(output.Split(' ')[0], CultureInfo.InvariantCulture).ShouldBeGreaterThan(Offset);
        output.ShouldContain("86400");
        _bundle.Run(Linux(linux => WithTime(linux), "test \"$(readlink /proc/self/ns/time)\" != \"" + new FileInfo("/proc/self/ns/time").LinkTarget + "\" && echo own")).ShouldBe((0, "own", ""));
    }

    [Fact]
    public void Offsets_of_clocks_need_a_new_time_namespace_and_known_clocks()
    {
        _bundle.Run(Linux(linux => linux with { TimeOffsets = new Dictionary<string, TimeOffset> { ["boottime"] = new() } }, "true")).Error.Plain().ShouldContain("linux.timeOffsets: is set, but");
        _bundle.Run(Linux(linux => WithTime(linux, ("realtime", new TimeOffset { Secs = 1 })), "true")).Error.Plain().ShouldContain("\"realtime\" is not one of monotonic, boottime");
        var (code, _, error) = _bundle.Run(Linux(linux => WithTime(linux, ("boottime", new TimeOffset { Secs = long.MinValue })), "true"));
        code.ShouldBe(1);
        error.Plain().ShouldContain("timens_offsets");
    }

    [Theory]
    [InlineData("time", "time", "--time")]
    [InlineData("mount", "mnt", "--mount")]
    public void Namespaces_of_clocks_and_mounts_are_joined_by_path(string type, string file, string option)
    {
        // Its mounts are a container's own from then on: the root of the namespace becomes the container's.
        using var owner = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("unshare", ["--propagation", "private", "--mount", option, "/bin/sh", "-c", "echo made; exec sleep 1000"]) { RedirectStandardOutput = true, UseShellExecute = false }).ShouldNotBeNull();
        try
        {
            owner.StandardOutput.ReadLine().ShouldBe("made");
            var path = $"/proc/{owner.Id}/ns/{file}";
            var spec = Linux(linux => linux with { Namespaces = [.. linux.Namespaces.Where(one => one.Type != type), new Namespace { Type = type, Path = path }] }, $"readlink /proc/self/ns/{file}; ls -d /bin/busybox");
            _bundle.Run(spec).ShouldBe((0, $"{new FileInfo(path).LinkTarget}\n/bin/busybox", ""));
        }
        finally
        {
            owner.Kill();
            owner.WaitForExit();
        }
    }

    [Fact]
    public void The_personality_changes_the_machines_name()
    {
        if (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64)
            Assert.Skip("the name of the 32-bit machine is that of x86 here");
        _bundle.Run(Linux(linux => linux with { Personality = new Personality { Domain = "LINUX32" } }, "busybox uname -m")).ShouldBe((0, "i686", ""));
        _bundle.Run(Linux(linux => linux with { Personality = new Personality { Domain = "LINUX" } }, "busybox uname -m")).ShouldBe((0, "x86_64", ""));
        _bundle.Run(Linux(linux => linux with { Personality = new Personality { Domain = "BSD" } }, "true")).Error.Plain().ShouldContain("linux.personality.domain: \"BSD\" is not one of LINUX, LINUX32");
    }

    [Theory]
    [InlineData("intelRdt")]
    [InlineData("memoryPolicy")]
    [InlineData("netDevices")]
    public void What_is_not_supported_is_refused_by_name(string member)
    {
        var (code, _, error) = _bundle.Run(Linux(linux => member switch
        {
            "intelRdt" => linux with { IntelRdt = new IntelRdt { ClosId = "x" } },
            "memoryPolicy" => linux with { MemoryPolicy = new MemoryPolicy { Mode = "MPOL_BIND" } },
            _ => linux with { NetDevices = new Dictionary<string, NetDevice> { ["eth0"] = new() } },
        }, "true"));
        code.ShouldBe(1);
        error.Plain().ShouldContain($"linux.{member}: is not supported");
    }

    [Fact]
    public void Names_of_host_and_domain_are_set()
    {
        var spec = _bundle.Spec("cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname") with { Hostname = "harbour", Domainname = "example.org" };
        _bundle.Run(spec).ShouldBe((0, "harbour\nexample.org", ""));
    }
}
