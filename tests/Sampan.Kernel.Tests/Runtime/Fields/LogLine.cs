namespace Sampan.Kernel.Tests.Runtime.Fields;

/// <summary>Lines as the runtime logs them.</summary>
internal static class LogLine
{
    /// <summary>The message without the escapes of the log's format.</summary>
    internal static string Plain(this string line) => line.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
}
