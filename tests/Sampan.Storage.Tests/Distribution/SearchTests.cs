using Sampan.Storage.Distribution;

namespace Sampan.Storage.Tests.Distribution;

public sealed class SearchTests : RegistryTest
{
    [Fact]
    public async Task An_index_is_asked_and_answers_itself()
    {
        Registry.Intercept = request => request.Target.StartsWith("/v1/search?", StringComparison.Ordinal)
            ? TestAnswer.Json(200, """{"results":[{"name":"team/web","description":"a site","star_count":3,"is_official":true}]}""")
            : null;

        (await SearchAsync("web", 5)).ShouldBe([new SearchResult { Name = "team/web", Description = "a site", StarCount = 3, IsOfficial = true }]);
        Registry.Requests.ShouldHaveSingleItem().Target.ShouldBe("/v1/search?q=web&n=5");
    }

    [Fact]
    public async Task A_registry_without_an_index_is_searched_by_its_repositories_page_by_page()
    {
        Registry.Intercept = request => request.Target switch
        {
            "/v2/_catalog?n=1000" => TestAnswer.Json(200, """{"repositories":["app","team/Web","shop"]}""").With("Link", "</v2/_catalog?n=1000&last=shop>; rel=\"next\""),
            "/v2/_catalog?n=1000&last=shop" => TestAnswer.Json(200, """{"repositories":["webs","zoo",null]}"""),
            _ when request.Target.StartsWith("/v1/", StringComparison.Ordinal) => TestAnswer.Error(404, "NAME_UNKNOWN", "nothing here"),
            _ => null,
        };

        (await SearchAsync("web", 25)).Select(found => found.Name).ShouldBe([$"{Registry.Host}/team/Web", $"{Registry.Host}/webs"]);
        (await SearchAsync("web", 1)).Select(found => found.Name).ShouldBe([$"{Registry.Host}/team/Web"]);
        (await SearchAsync("absent", 25)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(404, "{\"errors\":[{\"code\":\"UNSUPPORTED\",\"message\":\"no lists\"}]}", "no lists")]
    [InlineData(200, "<html>", "answered no JSON where its list of repositories should be")]
    public async Task A_registry_that_has_neither_says_so(int status, string body, string reason)
    {
        Registry.Intercept = request => request.Target.StartsWith("/v1/", StringComparison.Ordinal) ? TestAnswer.Error(404, "NAME_UNKNOWN", "nothing here") : TestAnswer.Json(status, body);

        (await Should.ThrowAsync<RegistryException>(() => SearchAsync("web", 25))).Message.ShouldContain(reason);
    }

    [Fact]
    public async Task A_list_that_goes_on_elsewhere_is_refused()
    {
        Registry.Intercept = request => request.Target.StartsWith("/v1/", StringComparison.Ordinal)
            ? TestAnswer.Error(404, "NAME_UNKNOWN", "nothing here")
            : TestAnswer.Json(200, """{"repositories":["app"]}""").With("Link", "<http://192.0.2.1/v2/_catalog?n=1000&last=app>; rel=\"next\"");

        (await Should.ThrowAsync<RegistryException>(() => SearchAsync("web", 25))).Message.ShouldContain("192.0.2.1");
    }

    private Task<IReadOnlyList<SearchResult>> SearchAsync(string word, int limit) => Client().SearchAsync(Registry.Host, word, limit, null, Ct);
}
