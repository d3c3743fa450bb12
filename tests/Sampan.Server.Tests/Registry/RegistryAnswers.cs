using System.Net;
using System.Text.Json;

namespace Sampan.Server.Tests.Registry;

/// <summary>What refusals are held to.</summary>
internal static class RegistryAnswers
{
    public static async Task RefusedAsync(this HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(status, body);
        using var document = JsonDocument.Parse(body);
        var error = document.RootElement.GetProperty("errors")[0];
        error.GetProperty("code").GetString().ShouldBe(code);
        error.GetProperty("message").GetString().ShouldNotBeNullOrWhiteSpace();
    }
}
