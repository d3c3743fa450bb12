using System.Diagnostics;
using Sampan.Linux.Io;
using Sampan.Oci.Runtime;
using Sampan.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>What containers find mounted.</summary>
public sealed class MountTests
{
    [Fact]
    public async Task An_empty_volume_takes_over_what_the_image_has()
    {
        await using var container = With("/data", "bind", "copyup", "sh", "-c", "cat /data/deep/file; ls -ln /data/deep/file; readlink /data/link; stat -c %a /data; stat -c %h /data/deep/file");
        var image = container.Image + "/data";
        Directory.CreateDirectory(image + "/deep");
        File.WriteAllText(image + "/deep/file", "from the image\n");
        Run("chown", "12:34", image + "/deep/file");
        Run("chmod", "4750", image + "/deep/file");
        Run("ln", image + "/deep/file", image + "/second-name");
        Run("chmod", "1711", image);
        Run("truncate", "-s", "8M", image + "/deep/hole");
        Run("touch", "-d", "2001-02-03 04:05:06.123456789", image + "/deep/hole");
        File.CreateSymbolicLink(image + "/link", "/etc/passwd");
        var (exit, output) = await container.RunAsync();
        exit.ExitCode.ShouldBe(0, output);
        var lines = output.Split('\n');
        lines[0].ShouldBe("from the image");
        lines[1].ShouldStartWith("-rwsr-x---");
        lines[1].ShouldContain(" 12 ");
        lines[1].ShouldContain(" 34 ");
        lines[2].ShouldBe("/etc/passwd");
        lines[3].ShouldBe("1711");
        lines[4].ShouldBe("2");
        File.ReadAllText(container.Base + "/volume/second-name").ShouldBe("from the image\n");
        FileStatus.TryOf(container.Base + "/volume/deep/hole", out var hole).ShouldBeTrue();
        hole.AllocatedSize.ShouldBeLessThan(1 << 20);
        hole.ModifiedTime.Nanoseconds.ShouldBe(123456789);
    }

    [Fact]
    public async Task A_volume_with_content_keeps_it()
    {
        await using var container = With("/data", "bind", "copyup", "ls", "/data");
        Directory.CreateDirectory(container.Image + "/data");
        File.WriteAllText(container.Image + "/data/image", "");
        File.WriteAllText(container.Base + "/volume/own", "");
        (await container.RunAsync()).Output.ShouldBe("own\n");
    }

    [Fact]
    public async Task CVE_2022_23648_an_image_whose_volume_is_a_link_out_copies_nothing_of_the_host()
    {
        await using var container = With("/data", "bind", "copyup", "ls", "/data");
        // As the host sees it the link leads to the host's /etc; inside it is the image's own.
        File.CreateSymbolicLink(container.Image + "/data", "../../../../../../../etc");
        File.WriteAllText(container.Image + "/etc/of-the-image", "");
        var (_, output) = await container.RunAsync();
        output.ShouldBe("of-the-image\n");
        File.Exists(container.Base + "/volume/passwd").ShouldBeFalse();
    }

    [Fact]
    public async Task A_tmpfs_can_take_over_what_the_image_has()
    {
        await using var container = new TestContainer(
            spec => spec with { Mounts = [.. spec.Mounts, new Mount { Destination = "/cfg", Type = "tmpfs", Source = "tmpfs", Options = ["tmpcopyup", "size=1m"] }] },
            "sh", "-c", "cat /cfg/a; echo changed > /cfg/a; grep ' /cfg ' /proc/mounts");
        Directory.CreateDirectory(container.Image + "/cfg");
        File.WriteAllText(container.Image + "/cfg/a", "original\n");
        var (_, output) = await container.RunAsync();
        output.ShouldStartWith("original\ntmpfs /cfg tmpfs");
        File.ReadAllText(container.Image + "/cfg/a").ShouldBe("original\n");
    }

    [Fact]
    public async Task A_read_only_bind_refuses_writes_and_a_recursive_one_below_too()
    {
        await using var container = With("/data", "rbind", "rro", "sh", "-c", "touch /data/x; grep ' /data ' /proc/mounts");
        var (_, output) = await container.RunAsync();
        output.ShouldContain("Read-only file system");
        output.ShouldContain(" ro,");
    }

    [Fact]
    public async Task A_file_is_bound_on_a_file_that_is_made_for_it()
    {
        await using var container = new TestContainer(
            spec => spec with { Mounts = [.. spec.Mounts, new Mount { Destination = "/deep/down/hosts", Type = "bind", Source = "/proc/sys/kernel/ostype", Options = ["bind", "ro"] }] },
            "cat", "/deep/down/hosts");
        (await container.RunAsync()).Output.ShouldBe("Linux\n");
    }

    [Fact]
    public async Task A_mount_option_that_is_not_known_is_refused_by_name()
    {
        await using var container = With("/data", "bind", "rprivat", "true");
        (await Should.ThrowAsync<RuntimeException>(() => container.CreateAsync())).Message.ShouldContain("\"rprivat\"");
    }

    [Fact]
    public async Task Nothing_of_the_container_is_mounted_on_the_host()
    {
        await using var container = new TestContainer(null, "sleep", "1000");
        var client = await container.CreateAsync();
        File.ReadAllText("/proc/self/mountinfo").ShouldNotContain(container.Base);
        await client.StartAsync(TestContext.Current.CancellationToken);
        File.ReadAllText("/proc/self/mountinfo").ShouldNotContain(container.Base);
    }

    [Fact]
    public async Task Devices_masks_and_read_only_paths_are_as_Docker_makes_them()
    {
        await using var container = new TestContainer(
            spec => spec with { Linux = spec.Linux! with { Devices = [new Device { Path = "/dev/made/here", Type = "c", Major = 1, Minor = 3, FileMode = 0x1a0 /* 0640 */, Uid = 7, Gid = 8 }] } },
            "sh", "-c", "stat -c '%n %F %t:%T %a' /dev/null /dev/tty; stat -c '%n %a %u %g' /dev/made/here; readlink /dev/ptmx; readlink /dev/fd; wc -c < /proc/keys; ls /proc/scsi; echo 1 > /proc/sys/kernel/hostname");
        var (_, output) = await container.RunAsync();
        container.ReadLog("stdout").ShouldBe("/dev/null character special file 1:3 666\n/dev/tty character special file 5:0 666\n/dev/made/here 640 7 8\npts/ptmx\n/proc/self/fd\n0\n");
        container.ReadLog("stderr").ShouldContain("/proc/sys/kernel/hostname: Read-only file system", customMessage: output);
    }

    [Fact]
    public async Task A_layer_list_longer_than_a_page_is_mounted()
    {
        await using var container = new TestContainer(null, "cat", "/layer-0", "/layer-99");
        var layers = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            var layer = $"{container.Base}/a-directory-with-a-rather-long-name-as-digests-have-{i:d64}";
            Directory.CreateDirectory(layer);
            File.WriteAllText($"{layer}/layer-{i}", $"{i}\n");
            layers.Add(layer);
        }
        container.Launch = container.Launch with
        {
            RootfsMounts = [new Mount { Destination = "/", Type = "overlay", Source = "overlay", Options = [$"lowerdir={string.Join(':', layers)}:{container.Image}", $"upperdir={container.Base}/upper", $"workdir={container.Base}/work"] }],
        };
        (await container.RunAsync()).Output.ShouldBe("0\n99\n");
    }

    private static TestContainer With(string destination, string kind, string option, params string[] args)
    {
        var volume = Directory.CreateTempSubdirectory("sampan-volume-").FullName;
        var container = new TestContainer(
            spec => spec with { Mounts = [.. spec.Mounts, new Mount { Destination = destination, Type = "bind", Source = volume, Options = [kind, option] }] }, args);
        // Beside the rest, so that it goes with it.
        Directory.Delete(volume);
        Directory.CreateDirectory(container.Base + "/volume");
        container.ReplaceSource(volume, container.Base + "/volume");
        return container;
    }

    private static void Run(string program, params string[] args)
    {
        using var process = Process.Start(program, args);
        process.WaitForExit();
        process.ExitCode.ShouldBe(0);
    }
}
