using System.Globalization;
using System.Text;

namespace Sampan.DockerApi.Client;

/// <summary>The head of a response: status and headers (RFC 9112, section 4).</summary>
internal sealed record HttpHead(int Status, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>Heads longer than this are refused: no engine sends them.</summary>
    public const int MaxBytes = 64 * 1024;

    public string? this[string name] => Headers.TryGetValue(name, out string? value) ? value : null;

    /// <summary>The body's length in bytes; null: not told.</summary>
    public long? ContentLength => long.TryParse(this["Content-Length"], NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : null;

    public bool IsChunked => this["Transfer-Encoding"]?.Contains("chunked", StringComparison.OrdinalIgnoreCase) == true;

    public bool IsClosing => this["Connection"]?.Contains("close", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Reads everything before the empty line; null when it is not a response's head.</summary>
    public static HttpHead? TryParse(ReadOnlySpan<byte> bytes)
    {
        // HTTP/1.1 101 UPGRADED
        string[] lines = Encoding.Latin1.GetString(bytes).Split("\r\n");
        string first = lines[0];
        if (!first.StartsWith("HTTP/1.", StringComparison.Ordinal) || first.Length < 12 || first[8] != ' '
            || !int.TryParse(first.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status))
            return null;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines.AsSpan(1))
        {
            if (line.Length == 0) continue;
            int colon = line.IndexOf(':');
            if (colon < 1) return null;
            string name = line[..colon];
            string value = line[(colon + 1)..].Trim();
            headers[name] = headers.TryGetValue(name, out string? before) ? before + ", " + value : value;
        }
        var head = new HttpHead(status, headers);
        // A length that is none would let the next answer be read as this one's body.
        return headers.ContainsKey("Content-Length") && head.ContentLength is null ? null : head;
    }
}
