using Sampan.Storage.Volumes;

namespace Sampan.Engine.Containers.Wishes;

/// <summary>How much a container may write into its root (<c>--storage-opt size=</c>).</summary>
internal static class RootSize
{
    private const string Option = "size";

    /// <summary>What is wrong with storage options.</summary>
    internal static IEnumerable<string> Problems(IReadOnlyDictionary<string, string> options)
    {
        foreach (var (name, value) in options)
        {
            if (!string.Equals(name, Option, StringComparison.OrdinalIgnoreCase))
                yield return $"unknown option '{name}' of storage-opt: there is 'size'";
            else if (!ByteSize.TryParse(value, out _))
                yield return $"invalid size '{value}' of storage-opt: expected a number with a unit such as 512m or 10g";
        }
    }

    /// <summary>The size in bytes; null: none.</summary>
    internal static long? Of(IReadOnlyDictionary<string, string> options) =>
        options.FirstOrDefault(option => string.Equals(option.Key, Option, StringComparison.OrdinalIgnoreCase)).Value is { } text && ByteSize.TryParse(text, out var size) ? size : null;
}
