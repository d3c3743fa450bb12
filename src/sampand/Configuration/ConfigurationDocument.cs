using System.Text.Json;

namespace Sampand.Configuration;

/// <summary>A file of settings: JSON of a bounded size.</summary>
internal static class ConfigurationDocument
{
    private const long MaxBytes = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is; also what messages call it.</param>
    /// <param name="read">Makes settings of what is in it.</param>
    /// <exception cref="ConfigurationException">It cannot be read, is too large or is not JSON.</exception>
    internal static T Read<T>(string path, Func<JsonElement, T> read)
    {
        byte[] bytes;
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new ConfigurationException($"configuration file '{path}' is larger than {MaxBytes} bytes");
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"cannot read configuration file '{path}': {unreadable.Message.TrimEnd('.')}", unreadable);
        }

        try
        {
            using var document = JsonDocument.Parse(bytes);
            return read(document.RootElement);
        }
        catch (JsonException wrong)
        {
            throw new ConfigurationException($"configuration file '{path}' is not JSON: {wrong.Message}", wrong);
        }
    }
}
