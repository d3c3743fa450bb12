namespace Sampan.EndToEnd.Harness;

/// <summary>A file system with little room, unmounted when it is disposed of.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly Scratch _scratch = new();

    private SmallDisk() => Path = System.IO.Path.Combine(_scratch.Path, "disk");

    public string Path { get; }

    public static async Task<SmallDisk> MountAsync(string size)
    {
        var disk = new SmallDisk();
        Directory.CreateDirectory(disk.Path);
        (await Shell.RunAsync("mount", ["-t", "tmpfs", "-o", $"size={size},mode=700", "sampan-test", disk.Path])).Succeeded();
        return disk;
    }

    public async ValueTask DisposeAsync()
    {
        (await Shell.RunAsync("umount", [Path])).Succeeded();
        _scratch.Dispose();
    }
}
