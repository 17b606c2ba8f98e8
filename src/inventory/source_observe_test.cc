#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "inventory/observe_testing.h"
#include "inventory/source_names.h"

namespace inventory {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(SourceObserve, FindsTheSystemMessageOfOpenAi) {
  const Observed seen = see("app/chat.py", R"(from openai import OpenAI

MODEL = "gpt-4o-2024-08-06"
client = OpenAI(api_key=os.environ["OPENAI_API_KEY"], base_url="https://eu.api.openai.com/v1")

def answer(question):
    return client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "system", "content": "You are a helpful clerk. "
                                          "Answer in one sentence."},
            {"role": "user", "content": question},
        ],
    )
)");
  EXPECT_EQ(seen.asset.kind, evidence::AssetKind::source);
  EXPECT_THAT(usages(seen, "sdk"), ElementsAre("openai:1"));
  EXPECT_THAT(usages(seen, "hosted-model"),
              ElementsAre("gpt-4o-2024-08-06@2024-08-06:3", "gpt-4o-2024-08-06@2024-08-06:8"));
  EXPECT_THAT(usages(seen, "environment-variable"), ElementsAre("OPENAI_API_KEY:4"));
  EXPECT_THAT(usages(seen, "endpoint"), ElementsAre("https://eu.api.openai.com/v1:4"));
  ASSERT_THAT(prompts(seen), ElementsAre("system:10 high"));
  EXPECT_EQ(seen.parts[0].sha256, base::sha256("You are a helpful clerk. Answer in one sentence."));
  EXPECT_EQ(seen.parts[0].path, "app/chat.py#system");
  EXPECT_EQ(seen.parts[0].attributes["text_bytes"].as_integer(), 48);
  EXPECT_EQ(seen.parts[0].attributes["preview"].as_text(), "You are a helpful clerk. Answer in one sentence.");
  EXPECT_EQ(seen.parts[0].format, "prompt");
}

TEST(SourceObserve, FollowsConstantsToTheirText) {
  const Observed seen = see("app/a.py", R"(import anthropic
PERSONA = """You are the concierge
of a small hotel."""
reply = client.messages.create(model="claude-3-5-sonnet-20241022", system=PERSONA, max_tokens=10)
)");
  ASSERT_THAT(prompts(seen), ElementsAre("PERSONA:2 high"));
  EXPECT_EQ(seen.parts[0].attributes["role"].as_text(), "system");
  EXPECT_THAT(usages(seen, "hosted-model"), ElementsAre("claude-3-5-sonnet-20241022@20241022:4"));
}

TEST(SourceObserve, ReadsWrappedAndFormattedText) {
  const Observed seen = see("app/a.py", R"(import openai, textwrap
SYSTEM_PROMPT = textwrap.dedent("""\
    You answer questions about {city} and nothing else at all.
""").strip()
OTHER_PROMPT = (
    "First part of a prompt that is long enough, "
    f"with {field} and the rest of it"
)
)");
  ASSERT_THAT(prompts(seen), ElementsAre("SYSTEM_PROMPT:2 high", "OTHER_PROMPT:6 high"));
  EXPECT_TRUE(seen.parts[1].attributes["dynamic"].as_bool());
}

TEST(SourceObserve, FindsPromptsOfLangchain) {
  const Observed seen = see("chain.py", R"(from langchain_core.prompts import ChatPromptTemplate, PromptTemplate
from langchain_core.messages import SystemMessage
from langchain_openai import ChatOpenAI
prompt = ChatPromptTemplate.from_messages([
    ("system", "You translate English to French."),
    ("human", "{text}"),
])
m = [SystemMessage(content="You are a careful reviewer.")]
summary = PromptTemplate.from_template("Summarise the text below in three points: {text}")
llm = ChatOpenAI(model="gpt-4o-mini", temperature=0)
)");
  EXPECT_THAT(prompts(seen), ElementsAre("system:5 high", "SystemMessage:8 high", "summary:9 high"));
  EXPECT_THAT(usages(seen, "sdk"), ElementsAre("langchain:1"));
  EXPECT_THAT(usages(seen, "hosted-model"), ElementsAre("gpt-4o-mini:10"));
}

TEST(SourceObserve, FindsAgentsAndTheirTools) {
  const Observed seen = see("crew.py", R"(from crewai import Agent
from crewai.tools import tool, BaseTool
from agents import Agent as HostAgent, function_tool

@tool("Search the web")
def search(query: str) -> str:
    """Search."""

@function_tool
async def send_mail(to: str): ...

class Lookup(BaseTool):
    name: str = "lookup"

agent = Agent(role="Senior Researcher", goal="Find what matters", backstory="You have read it all.", tools=[search, other])
b = HostAgent(name="x", instructions="Help the user with the task at hand.", model="o3-mini")
)");
  EXPECT_THAT(usages(seen, "tool"), ElementsAre("search:6", "send_mail:10", "Lookup:12", "other:15"));
  EXPECT_THAT(prompts(seen), ElementsAre("Agent.role:15 high", "Agent.goal:15 high", "Agent.backstory:15 high",
                                         "instructions:16 high"));
  EXPECT_THAT(usages(seen, "hosted-model"), ElementsAre("o3-mini:16"));
}

TEST(SourceObserve, FindsHubModelsWithTheirRevisions) {
  const Observed seen = see("load.py", R"(import torch, pickle, joblib
from transformers import AutoModelForCausalLM, pipeline
from datasets import load_dataset
from sentence_transformers import SentenceTransformer
NAME = "org/base"
m = AutoModelForCausalLM.from_pretrained(NAME, revision="a1b2c3", trust_remote_code=True)
p = pipeline("text-classification", model="bert-base-uncased")
local = AutoModelForCausalLM.from_pretrained("./checkpoints/last")
d = load_dataset("org/data", split="train")
e = SentenceTransformer("all-MiniLM-L6-v2")
w = torch.load("model.pt", weights_only=False)
o = joblib.load(open("m.joblib", "rb"))
n = AutoModelForCausalLM.from_pretrained(args.model, trust_remote_code=True)
csv = load_dataset("csv", data_files="x.csv")
)");
  EXPECT_THAT(usages(seen, "hub-model"), ElementsAre("org/base@a1b2c3:6", "bert-base-uncased:7", "all-MiniLM-L6-v2:10",
                                                     "(known when it runs):13"));
  EXPECT_THAT(detail_of(seen, "hub-model", "org/base"), HasSubstr("trust_remote_code=True"));
  EXPECT_THAT(usages(seen, "hub-dataset"), ElementsAre("org/data:9"));
  EXPECT_THAT(usages(seen, "loader"), ElementsAre("torch.load:11", "joblib.load:12"));
  EXPECT_EQ(detail_of(seen, "loader", "torch.load"), "weights_only=False");
}

TEST(SourceObserve, ResolvesNamesInTheFunctionTheyAreUsedIn) {
  const Observed seen = see("load.py", R"(from transformers import AutoModel
name = "org/outer"

def first():
    name = "org/first"
    return AutoModel.from_pretrained(name)

async def second(flag):
    if flag:
        name = "org/second"
    def inside():
        return AutoModel.from_pretrained(name)
    name = "org/changed"
    return AutoModel.from_pretrained(name), inside

class Third:
    name = "org/attribute"
    def load(self):
        return AutoModel.from_pretrained(name)
    def other(self):
        secret = "org/never"

def fourth(path=dict(a=1,
        b=2)):
    return AutoModel.from_pretrained(secret)

def fifth():
    name = "org/fifth"
    name = strip(name)
    return AutoModel.from_pretrained(name)
last = AutoModel.from_pretrained(name)
)");
  EXPECT_THAT(usages(seen, "hub-model"), ElementsAre("org/first:6", "org/second:12", "org/changed:14", "org/outer:19",
                                                     "org/fifth:30", "org/outer:31"));
}

TEST(SourceObserve, SplitsTheRevisionFromTheNameOfAHubModel) {
  const Observed seen = see("load.py", R"(from transformers import AutoModel, pipeline
a = AutoModel.from_pretrained("org/base@a1b2c3")
b = pipeline("text-generation", model="org/other@v1", revision="v2")
c = Agent(model="org/third@main")
)");
  EXPECT_THAT(usages(seen, "hub-model"), ElementsAre("org/base@a1b2c3:2", "org/other@v2:3", "org/third@main:4"));
  EXPECT_EQ(seen.asset.usages.at(1).name, "org/base");
  EXPECT_EQ(hub_reference("org/base@").name, "org/base@");
  EXPECT_EQ(hub_reference("me@example.org").revision, "");
  EXPECT_EQ(hub_reference("org/base@a@b").name, "org/base@a@b");
}

TEST(SourceObserve, ReadsTypeScriptOfTheVercelSdk) {
  const Observed seen = see("lib/chat.ts", R"(import { generateText, tool } from 'ai';
import { openai } from "@ai-sdk/openai";
import { z } from 'zod';

const apiKey = process.env.OPENAI_API_KEY;
export const weather = tool({
  description: "Get the weather",
  inputSchema: z.object({ city: z.string() }),
});
export const createTicket = ({ session }: Props) =>
  tool({ description: 'Create a ticket', inputSchema: z.object({}) });

const { text } = await generateText({
  model: openai('gpt-4o-2024-11-20'),
  system: `You are a ${kind} assistant. Keep it short.`,
  prompt: question,
  tools: { weather, search: tool({ description: 'x', parameters: z.object({}) }) },
});
)");
  EXPECT_THAT(usages(seen, "sdk"), ElementsAre("vercel-ai:1"));
  EXPECT_THAT(usages(seen, "tool"), ElementsAre("weather:6", "createTicket:11", "search:17"));
  EXPECT_THAT(usages(seen, "hosted-model"), ElementsAre("gpt-4o-2024-11-20@2024-11-20:14"));
  EXPECT_THAT(usages(seen, "environment-variable"), ElementsAre("OPENAI_API_KEY:5"));
  ASSERT_THAT(prompts(seen), ElementsAre("system:15 high"));
  EXPECT_TRUE(seen.parts[0].attributes["dynamic"].as_bool());
}

TEST(SourceObserve, ReadsJavaScriptOfAnthropicAndMcp) {
  const Observed seen = see("src/index.mjs", R"(import Anthropic from "@anthropic-ai/sdk";
const { McpServer } = require("@modelcontextprotocol/sdk/server/mcp.js");
const SYSTEM = ["You are terse and exact.", "You never guess."].join("\n");
server.registerTool("get_user", { description: "d", inputSchema: {} }, handler);
const r = await client.messages.create({
  model: process.env.MODEL ?? "claude-3-haiku-20240307",
  system: SYSTEM,
  messages: [{ role: 'user', content: 'Hi there, this is not a system prompt' }],
});
)");
  EXPECT_THAT(usages(seen, "sdk"), ElementsAre("anthropic:1", "mcp:2"));
  EXPECT_THAT(usages(seen, "tool"), ElementsAre("get_user:4"));
  EXPECT_THAT(usages(seen, "hosted-model"), ElementsAre("claude-3-haiku-20240307@20240307:6"));
  EXPECT_THAT(prompts(seen), ElementsAre("SYSTEM:3 high"));
}

TEST(SourceObserve, FindsToolsDescribedAsData) {
  const Observed seen = see("t.py", R"(import openai
tools = [{"type": "function", "function": {"name": "get_price", "description": "d", "parameters": {"type": "object"}}}]
more = [{"name": "run_sql", "description": "d", "input_schema": {"type": "object"}}]
)");
  EXPECT_THAT(usages(seen, "tool"), ElementsAre("get_price:2", "run_sql:3"));
}

TEST(SourceObserve, LeavesOrdinaryProgramsAlone) {
  const Observed seen = see("src/cli.py", R"(import requests
from django.db import models
prompt = "Are you sure that you want to delete all of these files? [y/N] "
INSTALL_INSTRUCTIONS = "Run pip install of this package and then start the server with the command below"
config = {"system": "linux with a long description of things", "model": "Golf GTI 2019", "template": "page with many words in it"}
roles = [{"role": "admin", "content": "All of the things an administrator may do"}]
class Car(models.Model):
    model = models.CharField(max_length=10, help_text="The model name of the car as on the card")
# SYSTEM_PROMPT = "You are a helpful assistant that lives in a comment only"
DOC = '''
    messages=[{"role": "system", "content": "You are an example in a documentation string."}]
    SYSTEM_PROMPT = "You are a helpful assistant that lives in a string only"
'''
)");
  EXPECT_THAT(prompts(seen), IsEmpty());
  EXPECT_THAT(usages(seen, "hosted-model"), IsEmpty());
  EXPECT_THAT(usages(seen, "tool"), IsEmpty());
}

TEST(SourceObserve, TrustsTestsAndDocumentationLess) {
  const std::string text = "import openai\nSYSTEM_PROMPT = 'You are a helpful assistant for the test of it.'\n";
  EXPECT_THAT(prompts(see("tests/test_chat.py", text)), ElementsAre("SYSTEM_PROMPT:2 low"));
  EXPECT_THAT(prompts(see("docs/conf.py", text)), ElementsAre("SYSTEM_PROMPT:2 low"));
  EXPECT_THAT(prompts(see("examples/chat.py", text)), ElementsAre("SYSTEM_PROMPT:2 medium"));
  EXPECT_THAT(prompts(see("chat.py", text)), ElementsAre("SYSTEM_PROMPT:2 high"));
  EXPECT_EQ(see("tests/test_chat.py", text).asset.attributes["setting"].as_text(), "test");
}

TEST(SourceObserve, KeepsNoKeys) {
  const std::string key = "sk-proj-Zk3j9Qw8Lm2Np5Rt7Vx";
  const Observed seen = see("a.py", "import openai\nclient = openai.OpenAI(api_key='" + key +
                                        "')\nOPENAI_KEY = 'sk-your-key-goes-here-please'\n");
  EXPECT_THAT(usages(seen, "literal-key"), ElementsAre("api_key:2"));
  EXPECT_EQ(detail_of(seen, "literal-key", "api_key").find(key), std::string::npos);
}

TEST(SourceObserve, NumbersPromptsOfOneName) {
  const Observed seen = see("a.py", R"(from agents import Agent
a = Agent(instructions="Translate to Spanish for the user.")
b = Agent(instructions="Translate to French for the user.")
)");
  EXPECT_THAT(prompts(seen), ElementsAre("instructions:2 high", "instructions-2:3 high"));
}

TEST(SourceObserve, ReadsCellsOfNotebooks) {
  const Observed seen = see("work.ipynb", R"JSON({"cells": [
 {"cell_type": "markdown", "source": ["SYSTEM_PROMPT = 'You are prose in a notebook and not code.'"]},
 {"cell_type": "code", "outputs": [{}], "source": [
   "%pip install openai\n",
   "import openai\n",
   "SYSTEM_PROMPT = 'You are a helpful assistant for notebooks.'\n"
 ]},
 {"cell_type": "code", "source": "r = openai.chat.completions.create(model='gpt-4o', messages=[])"}
], "metadata": {"kernelspec": {"language": "python"}}, "nbformat": 4})JSON");
  EXPECT_EQ(seen.asset.kind, evidence::AssetKind::notebook);
  EXPECT_THAT(prompts(seen), ElementsAre("SYSTEM_PROMPT:6 high"));
  EXPECT_THAT(usages(seen, "hosted-model"), ElementsAre("gpt-4o:8"));
  EXPECT_THAT(detail_of(seen, "hosted-model", "gpt-4o"), HasSubstr("cell 3"));
}

TEST(SourceNames, KnowsRevisionsOfHostedModels) {
  EXPECT_EQ(model_revision("gpt-4o-2024-08-06"), "2024-08-06");
  EXPECT_EQ(model_revision("gpt-4o"), "");
  EXPECT_EQ(model_revision("gpt-4-0613"), "0613");
  EXPECT_EQ(model_revision("gpt-4-1106-preview"), "1106");
  EXPECT_EQ(model_revision("claude-3-5-sonnet-20241022"), "20241022");
  EXPECT_EQ(model_revision("claude-3-5-sonnet-latest"), "");
  EXPECT_EQ(model_revision("anthropic.claude-3-sonnet-20240229-v1:0"), "v1:0");
  EXPECT_EQ(model_revision("gemini-1.5-pro-002"), "002");
  EXPECT_EQ(model_revision("gemini-2.5-flash-preview-05-20"), "05-20");
  EXPECT_EQ(model_revision("mistral-large-2411"), "2411");
}

TEST(SourceNames, TellsHostedModelsFromOtherWords) {
  for (const std::string_view name :
       {"gpt-4o", "o1", "o3-mini", "claude-sonnet-4-5", "gemini-2.0-flash", "openai/gpt-4o", "text-embedding-3-small",
        "us.anthropic.claude-3-5-sonnet-20241022-v2:0", "mistral-large-latest", "command-r-plus",
        "groq/llama-3.1-70b"}) {
    EXPECT_TRUE(is_hosted_model(name)) << name;
  }
  for (const std::string_view name : {"", "o", "o2", "office", "golf", "gpt", "bert-base-uncased", "org/model",
                                      "gpt-4 is a model", "openai/", "src/gpt-4.py", "claude-notes.md", "model.gguf"}) {
    EXPECT_FALSE(is_hosted_model(name)) << name;
  }
}

TEST(SourceNames, SplitsNamesIntoWords) {
  EXPECT_EQ(snake_case("systemPrompt"), "system_prompt");
  EXPECT_EQ(snake_case("SYSTEM_PROMPT"), "system_prompt");
  EXPECT_EQ(snake_case("OpenAIModel"), "open_ai_model");
}

TEST(SourceNames, ShowsEndpointsWithoutPasswordsAndQueries) {
  EXPECT_EQ(endpoint_of("HTTPS://user:pass@Api.Example.com/v1?key=1#x"), "https://api.example.com/v1");
  EXPECT_EQ(endpoint_of("https://{host}/x"), "");
  EXPECT_EQ(endpoint_of("https://a.example/{id}/x"), "https://a.example/");
  EXPECT_EQ(endpoint_of("not an address"), "");
}

}  // namespace
}  // namespace inventory
