using System.Diagnostics;
using Sampan.Linux.Files;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Sparse files as GNU tar writes them, in all its formats.</summary>
public sealed class SparseFileTests : StorageTest
{
    [Theory]
    [InlineData("--format=gnu")]
    [InlineData("--format=pax --sparse-version=0.0")]
    [InlineData("--format=pax --sparse-version=0.1")]
    [InlineData("--format=pax --sparse-version=1.0")]
    public void Holes_stay_holes_and_content_stays_where_it_was(string format)
    {
        Directory.CreateDirectory(In("source"));
        using (var file = new FileStream(In("source/holes"), FileMode.CreateNew))
        {
            // More parts than the old header holds, one at the very beginning, a hole at the end.
            for (var i = 0; i < 40; i++)
            {
                file.Position = i * 1_000_000L;
                file.Write(System.Text.Encoding.ASCII.GetBytes($"part {i}"));
            }
            file.SetLength(50_000_000);
        }
        File.WriteAllText(In("source/after"), "what follows");
        using (var tar = Process.Start("tar", $"-C {In("source")} --sparse {format} -cf {In("sparse.tar")} holes after"))
        {
            tar.WaitForExit();
            tar.ExitCode.ShouldBe(0);
        }
        new FileInfo(In("sparse.tar")).Length.ShouldBeLessThan(5_000_000);

        var unpacked = Unpack(File.ReadAllBytes(In("sparse.tar")), In("target"));

        unpacked.Size.ShouldBe(50_000_000 + 12);
        File.ReadAllText(In("target/after")).ShouldBe("what follows");
        using var target = DirectoryHandle.Open(In("target"));
        target.TryStat("holes"u8, out var status).ShouldBeTrue();
        status.Size.ShouldBe(50_000_000);
        status.AllocatedSize.ShouldBeLessThan(5_000_000);
        using var left = File.OpenRead(In("source/holes"));
        using var right = File.OpenRead(In("target/holes"));
        System.Security.Cryptography.SHA256.HashData(right).ShouldBe(System.Security.Cryptography.SHA256.HashData(left));
    }
}
