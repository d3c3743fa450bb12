namespace Sampan.Compose.Schema;

/// <summary>The key <c>x-sampan-gateway</c> of a service: hosts and paths that <c>sampand gateway</c> leads to it. One, or several in a list.</summary>
internal static class GatewaySchema
{
    public const string Key = "x-sampan-gateway";

    public static ListShape Gateway() => new(new RecordShape(
        new Key("host", new ListShape(ScalarShape.Checked("a host's name such as shop.example.org, *.example.org or *", IsHost)) { AllowsOne = true }),
        new Key("path", ScalarShape.Checked("a path such as /api, of letters, digits and '/-._~'", IsPath)),
        new Key("port", ScalarShape.Integer(1, 65535)),
        new Key("strip", ScalarShape.Boolean),
        new Key("health", ScalarShape.Checked("a path such as /healthz, of letters, digits and '/-._~'", IsPath)),
        new Key("network", ScalarShape.Text))
    {
        IsExtensible = false,
    })
    {
        Key = null,
        AllowsOne = true,
        IsReplaced = true,
    };

    private static bool IsHost(string text)
    {
        if (text == "*") return true;
        string name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
        return name.Length is > 0 and <= 253 && name.Split('.').All(p => p.Length > 0 && p.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
    }

    private static bool IsPath(string text) =>
        text.StartsWith('/') && !text.Contains("//", StringComparison.Ordinal) && text.Split('/').All(p => p is not ("." or "..") && p.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~'));
}
