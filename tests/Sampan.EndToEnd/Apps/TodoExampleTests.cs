using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd.Apps;

/// <summary><c>examples/todo</c>: a Node server with its source mounted, and MariaDB on a named volume under a network alias.</summary>
public sealed class TodoExampleTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task Items_are_added_by_a_browser_and_survive_down_and_up_and_edits_are_loaded(string client)
    {
        await using var todo = await Example.OpenAsync(this, client, "todo");
        todo.Variables["PORT"] = "";
        (await todo.RunAsync("up", "-d", "--build", "--wait")).Succeeded();
        var url = await todo.UrlAsync("app", 3000);
        await Web.GetAsync($"{url}items", "-H", "Content-Type: application/json", "-d", """{"name":"buy milk"}""");

        // A person at a browser: reads, types, clicks, reads again.
        await using (var browser = await Browser.OpenAsync(url))
        {
            await Eventually.HoldsAsync("the page shows the item", async () => await browser.EvaluateAsync("[...document.querySelectorAll('li')].map(e => e.textContent).join()") == "buy milk");
            await browser.ClickAsync("input");
            await browser.TypeAsync("bake bread");
            await browser.ClickAsync("button");
            await Eventually.HoldsAsync("the page shows both", async () => await browser.EvaluateAsync("[...document.querySelectorAll('li')].map(e => e.textContent).join()") == "buy milk,bake bread");
        }

        // The source is mounted: an edit on the host is what runs a moment later. One that comes while node starts may be missed, so it is made again now and then.
        (await Web.GetAsync($"{url}title")).ShouldBe("To do");
        var source = Path.Combine(todo.Path, "app", "src", "index.js");
        var edited = (await File.ReadAllTextAsync(source)).Replace("'To do'", "'Still to do'", StringComparison.Ordinal);
        var asked = 0;
        await Eventually.HoldsAsync("the edit is loaded", async () =>
        {
            if (asked++ % 80 == 0)
            {
                await using var file = new FileStream(source, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(edited));
            }

            return await Web.TryGetAsync($"{url}title") == "Still to do";
        });

        (await todo.RunAsync("down")).Succeeded();
        (await RunAsync(client, "ps", "-aq", "--filter", $"label=com.docker.compose.project={todo.Name}")).Succeeded().ShouldBeEmpty();
        (await todo.RunAsync("up", "-d", "--wait")).Succeeded();
        url = await todo.UrlAsync("app", 3000);
        var items = await Web.GetAsync($"{url}items");
        items.ShouldContain("\"name\":\"buy milk\"");
        items.ShouldContain("\"name\":\"bake bread\"");
    }
}
