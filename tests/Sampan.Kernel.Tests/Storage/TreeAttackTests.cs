using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage;
using Sampan.Storage.Trees;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>What <c>cp</c> must not do with a container made to be copied from and to.</summary>
public sealed class TreeAttackTests : StorageTest
{
    private const int Tries = 600;

    [Fact]
    public void CVE_2019_14271_nothing_of_the_container_is_loaded_or_run_while_it_is_copied()
    {
        // A resolver of users and groups as glibc would load it, for archives that name those.
        foreach (var library in new[] { "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64", "usr/lib" })
        {
            Directory.CreateDirectory(In($"root/{library}"));
            foreach (var name in new[] { "libnss_files.so.2", "libnss_compat.so.2", "libc.so.6" })
                File.Copy("/proc/self/exe", In($"root/{library}/{name}"));
        }
        Directory.CreateDirectory(In("root/etc"));
        File.WriteAllText(In("root/etc/nsswitch.conf"), "passwd: files\ngroup: compat\n");
        File.WriteAllText(In("root/etc/passwd"), "somebody:x:4242:4242::/:/bin/sh\n");
        File.WriteAllText(In("root/etc/file"), "content");
        using var tree = ContainerTree.Of(DirectoryHandle.Open(In("root")), []);

        tree.Extract("/etc", new MemoryStream(new TestLayer().File("named", "x", 0x1a4, 7, 8).ToTar()), new ExtractOptions(), CancellationToken.None);
        using var output = new MemoryStream();
        tree.WriteArchive("/etc", output, CancellationToken.None);

        File.ReadAllText("/proc/self/maps").ShouldNotContain(Home);
        File.ReadAllText("/proc/self/mountinfo").ShouldNotContain(Home);
        Directory.ResolveLinkTarget("/proc/self/root", returnFinalTarget: false)?.FullName.ShouldBe("/");
        TestLayer.ReadTar(output.ToArray()).ShouldContainKey("etc/named");
    }

    [Theory]
    [InlineData("/vol")]
    [InlineData("/dir/vol")]
    public async Task CVE_2026_42306_a_mounts_place_that_is_exchanged_for_a_link_meanwhile_makes_and_writes_nothing_outside(string place)
    {
        Directory.CreateDirectory(In("outside"));
        File.WriteAllText(In("outside/secret"), "host");
        Directory.CreateDirectory(In("volume"));
        Directory.CreateDirectory(In("root/dir"));
        Directory.CreateDirectory(In($"root{place}"));
        var swapped = place.TrimStart('/').Split('/')[0];
        File.CreateSymbolicLink(In("root/swap"), In("outside"));
        using var stop = new CancellationTokenSource();
        var swapping = Task.Factory.StartNew(
            () =>
            {
                using var root = DirectoryHandle.Open(In("root"));
                while (!stop.IsCancellationRequested)
                    root.Rename(System.Text.Encoding.ASCII.GetBytes(swapped), root, "swap"u8, RenameFlags.Exchange);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        var written = 0;
        for (var i = 0; i < Tries || written == 0 && i < 100 * Tries; i++)
        {
            try
            {
                using var tree = ContainerTree.Of(DirectoryHandle.Open(In("root")), [new TreeMount(In("volume"), place)]);
                tree.Extract(place, new MemoryStream(new TestLayer().File("planted", "x").ToTar()), new ExtractOptions(), CancellationToken.None);
                written++;
                using var output = new MemoryStream();
                tree.WriteArchive(place + "/secret", output, CancellationToken.None);
                TestLayer.ReadTar(output.ToArray()).ShouldBeEmpty("the host's file was read");
            }
            catch (StorageException refused) when (refused.Kind is StorageError.NotFound or StorageError.InvalidInput or StorageError.Refused)
            {
                // The link was there at that moment, and led to nothing inside.
            }
        }
        await stop.CancelAsync();
        await swapping;

        written.ShouldBeGreaterThan(0);
        Directory.GetFileSystemEntries(In("outside")).ShouldBe([In("outside/secret")]);
        File.ReadAllText(In("outside/secret")).ShouldBe("host");
        File.ReadAllText("/proc/self/mountinfo").ShouldNotContain(Home);
    }
}
