namespace Sampan.EndToEnd.Harness;

/// <summary>A directory of the host that is gone after the test.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("sampan-scratch-").FullName;

    /// <summary>Writes a file below the directory, and makes the directories above it.</summary>
    public void Write(string path, string content)
    {
        var full = System.IO.Path.Combine(Path, path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
