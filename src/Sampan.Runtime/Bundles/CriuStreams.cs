using System.Text;
using System.Text.Json;
using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Bundles;

/// <summary><c>descriptors.json</c> beside the images: what the three standard streams were, as runc writes it.</summary>
internal static class CriuStreams
{
    private const string FileName = "descriptors.json";
    private const int MaxBytes = 64 * 1024;

    internal static void Write(string directory, int pid)
    {
        var links = Enumerable.Range(0, 3).Select(number => new FileInfo($"/proc/{pid}/fd/{number}").LinkTarget ?? "");
        var json = "[" + string.Join(',', links.Select(link => $"\"{JsonEncodedText.Encode(link)}\"")) + "]";
        AtomicFile.Write($"{directory}/{FileName}", Encoding.UTF8.GetBytes(json), UnixFileMode.UserRead | UnixFileMode.UserWrite, durable: false);
    }

    /// <exception cref="RuntimeException">The file is missing or no list of texts.</exception>
    internal static IReadOnlyList<string> Read(string directory)
    {
        try
        {
            using var document = JsonDocument.Parse(HostFile.Read($"{directory}/{FileName}", MaxBytes));
            return [.. document.RootElement.EnumerateArray().Select(one => one.GetString() ?? "")];
        }
        catch (Exception failure) when (failure is LinuxException or JsonException or InvalidOperationException)
        {
            throw new RuntimeException("restore", $"'{directory}' is no checkpoint of a container: {failure.Message}", failure);
        }
    }
}
