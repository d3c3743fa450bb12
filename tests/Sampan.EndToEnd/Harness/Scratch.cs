namespace Sampan.EndToEnd.Harness;

/// <summary>A directory of the host that is gone after the test.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("sampan-scratch-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
