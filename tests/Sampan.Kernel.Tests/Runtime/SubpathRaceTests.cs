using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Oci.Runtime;
using Sampan.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>A part of a volume, while whoever writes to the volume exchanges it for a link.</summary>
[Trait("guest", "long")]
public sealed class SubpathRaceTests
{
    [Fact]
    public async Task CVE_2021_25741_a_part_that_is_exchanged_for_a_link_while_it_is_mounted_shows_nothing_of_the_host()
    {
        var volume = Directory.CreateTempSubdirectory("sampan-subpath-").FullName;
        Directory.CreateDirectory(volume + "/part");
        await File.WriteAllTextAsync(volume + "/part/of-the-volume", "");
        // As the host sees it the link leads to its /etc; in the volume there is none.
        File.CreateSymbolicLink(volume + "/link", "../../../../../../../../etc");
        using var root = DirectoryHandle.Open(volume);
        using var ending = new CancellationTokenSource();
        var racing = Task.Run(() =>
        {
            while (!ending.IsCancellationRequested)
                root.Rename("part"u8, root, "link"u8, RenameFlags.Exchange);
        });
        try
        {
            for (var round = 0; round < 12; round++)
            {
                await using var container = new TestContainer(
                    spec => spec with { Mounts = [.. spec.Mounts, new Mount { Destination = "/data", Type = "bind", Source = volume, Options = ["bind", "x-sampan.subpath=part"] }] },
                    "ls", "/data");
                try
                {
                    var (_, output) = await container.RunAsync();
                    output.ShouldBe("of-the-volume\n");
                }
                catch (RuntimeException refused)
                {
                    // The link stood there, and in the volume it leads to what is not there; or the kernel gave up looking while all was moving.
                    refused.Message.ShouldContain("part");
                }
            }
        }
        finally
        {
            await ending.CancelAsync();
            await racing;
            Directory.Delete(volume, recursive: true);
        }
    }

    [Fact]
    public async Task A_source_that_vanishes_and_comes_back_while_it_is_mounted_is_mounted_or_missed()
    {
        var home = Directory.CreateTempSubdirectory("sampan-vanish-").FullName;
        Directory.CreateDirectory(home + "/source");
        await File.WriteAllTextAsync(home + "/source/mine", "");
        using var root = DirectoryHandle.Open(home);
        using var ending = new CancellationTokenSource();
        var racing = Task.Run(() =>
        {
            while (!ending.IsCancellationRequested)
            {
                root.Rename("source"u8, root, "away"u8);
                root.Rename("away"u8, root, "source"u8);
            }
        });
        try
        {
            for (var round = 0; round < 12; round++)
            {
                await using var container = new TestContainer(
                    spec => spec with { Mounts = [.. spec.Mounts, new Mount { Destination = "/data", Type = "bind", Source = home + "/source", Options = ["rbind", "rprivate"] }] },
                    "ls", "/data");
                try
                {
                    (await container.RunAsync()).Output.ShouldBe("mine\n");
                }
                catch (RuntimeException refused)
                {
                    refused.Message.ShouldContain("no such file");
                }
            }
        }
        finally
        {
            await ending.CancelAsync();
            await racing;
            Directory.Delete(home, recursive: true);
        }
    }
}
